#include "tests/support/test_jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace budget::testing {
namespace {

constexpr int kCoordinateBytes = 32;

void Require(bool done) {
  if (!done) abort();
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string Parameter(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  Require(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, Bytes(bytes));
  BN_free(number);
  // RFC 7518: coordinates have the full size of the field.
  const bool coordinate = EVP_PKEY_is_a(key, "EC") == 1;
  if (coordinate) bytes.insert(0, kCoordinateBytes - bytes.size(), '\0');
  return absl::WebSafeBase64Escape(bytes);
}

std::string SigningInput(absl::string_view header, absl::string_view claims) {
  return absl::StrCat(absl::WebSafeBase64Escape(header), ".",
                      absl::WebSafeBase64Escape(claims));
}

// The two numbers of an ECDSA signature, side by side (RFC 7518).
std::string Flat(const std::string& der) {
  const unsigned char* at = Bytes(der);
  ECDSA_SIG* signature =
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));  // NOLINT
  Require(signature != nullptr);
  std::string flat(2 * kCoordinateBytes, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), Bytes(flat), kCoordinateBytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), Bytes(flat) + kCoordinateBytes,
               kCoordinateBytes);
  ECDSA_SIG_free(signature);
  return flat;
}

}  // namespace

JwtSigner JwtSigner::Rsa(int bits) {
  return JwtSigner(EVP_RSA_gen(static_cast<unsigned>(bits)));
}

JwtSigner JwtSigner::Ec(const char* curve) {
  return JwtSigner(EVP_EC_gen(curve));
}

std::string JwtSigner::algorithm() const {
  return EVP_PKEY_is_a(key_.get(), "RSA") == 1 ? "RS256" : "ES256";
}

std::string JwtSigner::Jwk(absl::string_view kid) const {
  const std::string name =
      kid.empty() ? "" : absl::StrCat(R"("kid":")", kid, R"(",)");
  if (algorithm() == "RS256") {
    return absl::StrCat(
        "{", name, R"("kty":"RSA","n":")",
        Parameter(key_.get(), OSSL_PKEY_PARAM_RSA_N), R"(","e":")",
        Parameter(key_.get(), OSSL_PKEY_PARAM_RSA_E), R"("})");
  }
  return absl::StrCat("{", name, R"("kty":"EC","crv":"P-256","x":")",
                      Parameter(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X),
                      R"(","y":")",
                      Parameter(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y), R"("})");
}

std::string JwtSigner::PrivateJwk() const {
  const char* name = algorithm() == "RS256" ? OSSL_PKEY_PARAM_RSA_D
                                            : OSSL_PKEY_PARAM_PRIV_KEY;
  std::string jwk = Jwk("");
  jwk.pop_back();
  return absl::StrCat(jwk, R"(,"d":")", Parameter(key_.get(), name), R"("})");
}

std::string JwtSigner::Pem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  Require(PEM_write_bio_PUBKEY(bio, key_.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);  // NOLINT: OpenSSL's type
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  return pem;
}

std::string JwtSigner::Sign(absl::string_view header,
                            absl::string_view claims) const {
  const std::string input = SigningInput(header, claims);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  Require(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr,
                             key_.get()) == 1);
  size_t size = 0;
  Require(EVP_DigestSign(context, nullptr, &size, Bytes(input),
                         input.size()) == 1);
  std::string signature(size, '\0');
  Require(EVP_DigestSign(context, Bytes(signature), &size, Bytes(input),
                         input.size()) == 1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  if (algorithm() == "ES256") signature = Flat(signature);
  return absl::StrCat(input, ".", absl::WebSafeBase64Escape(signature));
}

const JwtSigner& Rsa() {
  static const JwtSigner& key = *new JwtSigner(JwtSigner::Rsa());
  return key;
}

const JwtSigner& Ec() {
  static const JwtSigner& key = *new JwtSigner(JwtSigner::Ec());
  return key;
}

std::string UnsignedToken(absl::string_view header, absl::string_view claims) {
  return absl::StrCat(SigningInput(header, claims), ".");
}

std::string HmacToken(absl::string_view header, absl::string_view claims,
                      absl::string_view secret) {
  const std::string input = SigningInput(header, claims);
  std::string mac(32, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       Bytes(input), input.size(), Bytes(mac), &size);
  return absl::StrCat(input, ".", absl::WebSafeBase64Escape(mac));
}

}  // namespace budget::testing
