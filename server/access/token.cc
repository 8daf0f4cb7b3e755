#include "server/access/token.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/access/principal_cache.h"

namespace budget {
namespace {

constexpr size_t kIdBytes = 8;
constexpr size_t kIdChars = 2 * kIdBytes;
constexpr size_t kSecretBytes = 32;
constexpr size_t kSecretChars = 43;

// Without randomness no token is better than a weak one.
std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(size)) != 1) {
    std::abort();
  }
  return bytes;
}

bool IsIdChar(char c) {
  return absl::ascii_isxdigit(static_cast<unsigned char>(c)) &&
         !absl::ascii_isupper(static_cast<unsigned char>(c));
}

bool IsSecretChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
         c == '_';
}

}  // namespace

MintedToken MintToken() {
  MintedToken token;
  token.id = absl::BytesToHexString(RandomBytes(kIdBytes));
  std::string secret;
  absl::WebSafeBase64Escape(RandomBytes(kSecretBytes), &secret);
  while (!secret.empty() && secret.back() == '=') secret.pop_back();
  token.text = absl::StrCat(kTokenPrefix, token.id, "_", secret);
  const TokenHash hash = HashOf(secret);
  token.secret_hash.assign(hash.begin(), hash.end());
  return token;
}

std::optional<TokenText> ParseToken(absl::string_view text) {
  if (text.size() != kTokenPrefix.size() + kIdChars + 1 + kSecretChars ||
      !absl::ConsumePrefix(&text, kTokenPrefix) || text[kIdChars] != '_') {
    return std::nullopt;
  }
  const TokenText token = {.id = text.substr(0, kIdChars),
                           .secret = text.substr(kIdChars + 1)};
  if (!std::all_of(token.id.begin(), token.id.end(), IsIdChar) ||
      !std::all_of(token.secret.begin(), token.secret.end(), IsSecretChar)) {
    return std::nullopt;
  }
  return token;
}

bool SecretMatches(absl::string_view secret, absl::string_view secret_hash) {
  const TokenHash hash = HashOf(secret);
  return secret_hash.size() == hash.size() &&
         CRYPTO_memcmp(hash.data(), secret_hash.data(), hash.size()) == 0;
}

}  // namespace budget
