#ifndef BUDGET_ACCESS_TOKEN_H_
#define BUDGET_ACCESS_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace budget {

// Bearer tokens: "bgt_<id>_<secret>". The id is 16 hexadecimal digits and no
// secret; the secret is 256 random bits as 43 characters of base64url. Only its
// SHA-256 is kept, so the text can be shown once, when it is made. A hash made
// to be slow would help nobody: 256 random bits cannot be guessed.

inline constexpr absl::string_view kTokenPrefix = "bgt_";

// What is kept of a token.
struct TokenRecord {
  std::string id;
  std::string principal;    // whom it makes its bearer
  std::string subtree;      // it is good for nothing outside: path or "*"
  std::string secret_hash;  // 32 bytes
  absl::Time created_at;
  std::string created_by;
  std::optional<absl::Time> expires_at;
  std::optional<absl::Time> revoked_at;
};

struct MintedToken {
  std::string id;
  std::string text;  // the token: for its bearer, never for a log
  std::string secret_hash;
};

// A new one, of the system's cryptographic randomness.
MintedToken MintToken();

// A token as somebody gave it: views of the text.
struct TokenText {
  absl::string_view id;
  absl::string_view secret;
};

// nullopt unless the text has the form of a token.
std::optional<TokenText> ParseToken(absl::string_view text);

// Whether `secret` is the one with this hash, in time that does not depend on
// how much of it is right.
bool SecretMatches(absl::string_view secret, absl::string_view secret_hash);

}  // namespace budget

#endif  // BUDGET_ACCESS_TOKEN_H_
