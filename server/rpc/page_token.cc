#include "server/rpc/page_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/rpc/field_error.h"

namespace budget {
namespace {

constexpr size_t kFingerprintChars = 16;
constexpr size_t kTokenCharsMax = 2048;

std::string Prefix(uint64_t arguments) {
  return absl::StrFormat("%016x", arguments);
}

}  // namespace

// FNV-1a: the standard library's hashes differ from build to build.
uint64_t Fingerprint(absl::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

std::string MakePageToken(uint64_t arguments, absl::string_view cursor) {
  return absl::WebSafeBase64Escape(absl::StrCat(Prefix(arguments), cursor));
}

absl::StatusOr<std::string> ReadPageToken(uint64_t arguments,
                                          absl::string_view token) {
  if (token.empty()) return std::string();
  std::string text;
  if (token.size() > kTokenCharsMax ||
      !absl::WebSafeBase64Unescape(token, &text) ||
      text.size() <= kFingerprintChars ||
      text.substr(0, kFingerprintChars) != Prefix(arguments)) {
    return FieldError("page_token",
                      "is not the next_page_token of a call with the same "
                      "other arguments; begin again without it");
  }
  return text.substr(kFingerprintChars);
}

}  // namespace budget
