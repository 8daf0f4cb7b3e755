#ifndef BUDGET_TESTS_SUPPORT_TEST_JWT_H_
#define BUDGET_TESTS_SUPPORT_TEST_JWT_H_

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace budget::testing {

// A key of an issuer of tokens, made on the fly. Signs with OpenSSL alone, not
// with the library under test.
class JwtSigner {
 public:
  static JwtSigner Rsa(int bits = 2048);
  static JwtSigner Ec(const char* curve = "P-256");

  // RS256, or ES256.
  std::string algorithm() const;
  // The public key as an object of JSON (RFC 7517), with this kid unless empty.
  std::string Jwk(absl::string_view kid) const;
  // The private key in the same form.
  std::string PrivateJwk() const;
  // The public key in PEM.
  std::string Pem() const;

  // A token of a header and claims, both JSON.
  std::string Sign(absl::string_view header, absl::string_view claims) const;

 private:
  explicit JwtSigner(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}

  std::shared_ptr<EVP_PKEY> key_;
};

// One of each kind for all cases: RSA keys take a while to make.
const JwtSigner& Rsa();
const JwtSigner& Ec();

// "header.claims." without a signature.
std::string UnsignedToken(absl::string_view header, absl::string_view claims);

// A token signed with HMAC and SHA-256 under `secret`.
std::string HmacToken(absl::string_view header, absl::string_view claims,
                      absl::string_view secret);

}  // namespace budget::testing

#endif  // BUDGET_TESTS_SUPPORT_TEST_JWT_H_
