#include "token_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace budget {
namespace {

// Servers take no more; a token beyond is a mistaken file.
constexpr size_t kTokenBytesMax = 8 << 10;

// RFC 6750's b64token: nothing that could end a header.
bool IsToken(absl::string_view text) {
  return !text.empty() && text.size() <= kTokenBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) ||
                  absl::StrContains("-._~+/=", c);
         });
}

// Empty if the file holds no token.
std::string ReadToken(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  // White space may stand around the token.
  std::string text(kTokenBytesMax + 1024, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  absl::StripAsciiWhitespace(&text);
  return IsToken(text) ? text : std::string();
}

}  // namespace

TokenSource::Stamp TokenSource::StampOf(const std::string& file) {
  struct stat info = {};
  if (stat(file.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec,
          info.st_mtim.tv_nsec};
}

absl::StatusOr<std::shared_ptr<TokenSource>> TokenSource::Make(
    const std::string& token, const std::string& file) {
  std::shared_ptr<TokenSource> source(new TokenSource(file));
  absl::MutexLock lock(&source->mutex_);
  if (file.empty()) {
    if (!IsToken(token)) {
      return absl::InvalidArgumentError(
          "token: is not a bearer token; give it without \"Bearer\" and "
          "spaces");
    }
    source->token_ = token;
    return source;
  }
  source->stamp_ = StampOf(file);
  source->token_ = ReadToken(file);
  if (!source->token_.empty()) return source;
  return absl::FailedPreconditionError(
      absl::StrCat("token_file: \"", file,
                   "\" cannot be read or holds no bearer token; put the token "
                   "there and nothing else"));
}

std::string TokenSource::Get() {
  absl::MutexLock lock(&mutex_);
  if (file_.empty()) return token_;
  // Looked at before it is read: what comes after is seen at the next call.
  const Stamp stamp = StampOf(file_);
  if (stamp == stamp_) return token_;
  std::string token = ReadToken(file_);
  if (token.empty()) return token_;
  stamp_ = stamp;
  token_ = std::move(token);
  return token_;
}

}  // namespace budget
