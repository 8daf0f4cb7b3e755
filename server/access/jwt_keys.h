#ifndef BUDGET_ACCESS_JWT_KEYS_H_
#define BUDGET_ACCESS_JWT_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct _cjose_jwk_int;

namespace budget {

// The algorithms that are accepted. Each kind of key has one, so no token can
// choose how a key is used.
inline constexpr absl::string_view kJwtRsa = "RS256";    // RSA of 2048 bits up
inline constexpr absl::string_view kJwtEcdsa = "ES256";  // EC on P-256

// A public key of the issuer. Immutable; verifying with it is thread-safe.
struct JwtKey {
  std::string kid;        // empty: it has none
  absl::string_view algorithm;
  std::shared_ptr<const _cjose_jwk_int> key;
};

// Reads a JWK Set (RFC 7517), or public keys and certificates in PEM. Keys for
// other algorithms and for encryption are passed over. INVALID_ARGUMENT, with
// cause and remedy, if no key is left, one is broken or weak, or one is secret:
// whoever verifies needs no secrets.
absl::StatusOr<std::vector<JwtKey>> ParseJwtKeys(absl::string_view text);

}  // namespace budget

#endif  // BUDGET_ACCESS_JWT_KEYS_H_
