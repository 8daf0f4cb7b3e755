#include "server/app/mask_secrets.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace budget {
namespace {

constexpr char kMask[] = "***";
constexpr size_t kMaskSize = sizeof(kMask) - 1;
constexpr size_t kNone = absl::string_view::npos;

bool IsSecret(absl::string_view key) {
  for (const char* secret : {"password", "sslpassword", "passfile"}) {
    if (absl::EqualsIgnoreCase(key, secret)) return true;
  }
  return false;
}

bool IsKeyCharacter(char c) { return absl::ascii_isalnum(c) || c == '_'; }

// Where "?key=..." begins; the size if it does not. A password that should have
// been percent-encoded may have a question mark, too. For libpq the query begins
// after the first '@' at the earliest, unless a '/' is before it.
size_t QueryOf(absl::string_view uri, size_t begin) {
  const size_t user_end = uri.find_first_of("@/", begin);
  if (user_end != kNone && uri[user_end] == '@') begin = user_end;
  for (size_t at = uri.find('?', begin); at != kNone;
       at = uri.find('?', at + 1)) {
    size_t end = at + 1;
    while (end < uri.size() && IsKeyCharacter(uri[end])) ++end;
    if (end > at + 1 && end < uri.size() && uri[end] == '=') return at;
  }
  return uri.size();
}

// What follows the host where no user is given. Digits are a port; anything
// else may be the password of a user without a host.
bool IsPort(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(c); });
}

void MaskPassword(size_t begin, std::string& uri) {
  const size_t query = QueryOf(uri, begin);
  const size_t colon = uri.find(':', begin);
  if (colon >= query) return;
  // A password may hold anything, so everything up to the last '@' is taken
  // for it.
  const size_t at = uri.rfind('@', query - 1);
  if (at != kNone && at > begin) {
    if (colon < at) uri.replace(colon + 1, at - colon - 1, kMask);
    return;
  }
  if (uri[begin] == '[') return;  // an IPv6 address
  const size_t end = std::min(uri.find_first_of("/,?", colon), query);
  if (!IsPort(absl::string_view(uri).substr(colon + 1, end - colon - 1))) {
    uri.replace(colon + 1, end - colon - 1, kMask);
  }
}

void MaskUri(size_t begin, std::string& uri) {
  MaskPassword(begin, uri);
  // Also where what should be the query is none.
  for (size_t i = uri.find_first_of("?&", begin); i != kNone;
       i = uri.find_first_of("?&", i + 1)) {
    const size_t equals = std::min(uri.find('=', i), uri.size());
    if (!IsSecret(absl::string_view(uri).substr(i + 1, equals - i - 1))) {
      continue;
    }
    const size_t end = std::min(uri.find('&', equals), uri.size());
    uri.replace(equals + 1, end - equals - 1, kMask);
  }
}

size_t SkipSpace(absl::string_view text, size_t i) {
  while (i < text.size() && absl::ascii_isspace(text[i])) ++i;
  return i;
}

// Where the value ends that begins at `i`: in quotes, or before white space;
// a backslash takes the next character as it is.
size_t EndOfValue(absl::string_view text, size_t i) {
  const bool quoted = i < text.size() && text[i] == '\'';
  for (i += quoted ? 1 : 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (quoted ? text[i] == '\'' : absl::ascii_isspace(text[i])) {
      return quoted ? i + 1 : i;
    }
  }
  return text.size();
}

// "key = value ..." as libpq reads it, with white space around '=' or without.
// Words that are no key behind a secret may be the rest of it.
void MaskKeywords(std::string& text) {
  bool after_secret = false;
  size_t i = 0;
  while ((i = SkipSpace(text, i)) < text.size()) {
    const size_t equals = text.find('=', i);
    absl::string_view key =
        absl::string_view(text).substr(i, std::min(equals, text.size()) - i);
    key = absl::StripTrailingAsciiWhitespace(key);
    const size_t blank = key.find_last_of(" \t\r\n\v\f");
    if (after_secret && (equals == kNone || blank != kNone)) {
      const size_t stray = equals == kNone ? key.size() : blank;
      text.replace(i, stray, kMask);
      i += kMaskSize;
      continue;
    }
    if (equals == kNone) return;
    if (blank != kNone) key.remove_prefix(blank + 1);
    const bool secret = IsSecret(key);
    const size_t value = SkipSpace(text, equals + 1);
    i = EndOfValue(text, value);
    if (!secret) continue;
    text.replace(value, i - value, kMask);
    i = value + kMaskSize;
    after_secret = true;
  }
}

}  // namespace

std::string MaskSecrets(absl::string_view text) {
  std::string masked(text);
  const size_t scheme = text.find("://");
  const size_t equals = text.find('=');
  if (scheme != kNone && scheme < equals) {
    MaskUri(scheme + 3, masked);
  } else if (absl::StartsWith(text, "postgres")) {
    const size_t slash = text.find('/');  // a URL that lacks one
    MaskUri(slash == kNone ? 0 : slash + 1, masked);
  } else if (equals != kNone) {
    MaskKeywords(masked);
  }
  return masked;
}

}  // namespace budget
