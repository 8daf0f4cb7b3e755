#include "server/access/jwt_keys.h"

#include <cjose/jwk.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "server/access/openssl_ptr.h"

namespace budget {
namespace {

constexpr size_t kKeysMax = 64;
constexpr size_t kKidBytesMax = 256;
constexpr size_t kRsaBytesMin = 2048 / 8;
// Beyond, a signature that anybody may send takes too long to verify.
constexpr size_t kRsaBytesMax = 8192 / 8;
constexpr size_t kExponentBytesMax = 8;
constexpr int kP256Bytes = 32;

absl::Status Wrong(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

absl::Status Wrong(size_t index, absl::string_view why) {
  return Wrong(absl::StrCat("key ", index + 1, " of it ", why));
}

std::shared_ptr<const _cjose_jwk_int> Own(cjose_jwk_t* key) {
  if (key == nullptr) return nullptr;
  return {key, [](cjose_jwk_t* owned) { cjose_jwk_release(owned); }};
}

uint8_t* Data(std::string& bytes) {
  return reinterpret_cast<uint8_t*>(bytes.data());
}

// Numbers as bytes, the highest first. The library aborts the process over
// some that are written wrong, so it gets numbers and never texts.
struct RsaNumbers {
  std::string modulus;
  std::string exponent;
};
struct EcNumbers {
  std::string x;
  std::string y;
};

absl::StatusOr<JwtKey> MakeKey(RsaNumbers numbers, size_t index) {
  std::string& modulus = numbers.modulus;
  std::string& exponent = numbers.exponent;
  modulus.erase(0, modulus.find_first_not_of('\0'));
  exponent.erase(0, exponent.find_first_not_of('\0'));
  if (modulus.size() < kRsaBytesMin || modulus.size() > kRsaBytesMax) {
    return Wrong(index, "is no RSA key of 2048 to 8192 bits");
  }
  // Whatever is signed under an exponent of 1 was signed by nobody.
  if (exponent.empty() || exponent.size() > kExponentBytesMax ||
      exponent == "\1" || exponent.back() % 2 == 0) {
    return Wrong(index, "has no exponent that RSA can use");
  }
  cjose_jwk_rsa_keyspec spec = {};
  spec.n = Data(modulus);
  spec.nlen = modulus.size();
  spec.e = Data(exponent);
  spec.elen = exponent.size();
  cjose_err error = {};
  return JwtKey{"", kJwtRsa, Own(cjose_jwk_create_RSA_spec(&spec, &error))};
}

absl::StatusOr<JwtKey> MakeKey(EcNumbers numbers, size_t index) {
  std::string& x = numbers.x;
  std::string& y = numbers.y;
  if (x.size() != size_t{kP256Bytes} || y.size() != size_t{kP256Bytes}) {
    return Wrong(index, "has no coordinates of 32 bytes");
  }
  cjose_jwk_ec_keyspec spec = {};
  spec.crv = CJOSE_JWK_EC_P_256;
  spec.x = Data(x);
  spec.xlen = x.size();
  spec.y = Data(y);
  spec.ylen = y.size();
  cjose_err error = {};
  return JwtKey{"", kJwtEcdsa, Own(cjose_jwk_create_EC_spec(&spec, &error))};
}

// A key that the library could make something of.
absl::StatusOr<JwtKey> Usable(absl::StatusOr<JwtKey> key, size_t index) {
  // gRPC's handshakes on this thread would take an error left for theirs.
  ERR_clear_error();
  if (!key.ok() || key->key != nullptr) return key;
  return Wrong(index, "cannot be used: its numbers are no key");
}

// ---- JWK Set --------------------------------------------------------------

// The text of a field, empty if it is absent or no text.
std::string Field(const nlohmann::json& jwk, const char* name) {
  const auto found = jwk.find(name);
  return found != jwk.end() && found->is_string()
             ? found->get<std::string>()
             : std::string();
}

// What the key is good for; nothing where it is for something else.
std::optional<absl::string_view> AlgorithmOf(const nlohmann::json& jwk) {
  const std::string kty = Field(jwk, "kty");
  std::optional<absl::string_view> algorithm;
  if (kty == "RSA") algorithm = kJwtRsa;
  if (kty == "EC" && Field(jwk, "crv") == "P-256") algorithm = kJwtEcdsa;
  const bool other_use = jwk.contains("use") && Field(jwk, "use") != "sig";
  const bool other_algorithm =
      algorithm && jwk.contains("alg") && Field(jwk, "alg") != *algorithm;
  return other_use || other_algorithm ? std::nullopt : algorithm;
}

// The bytes of a field in base64url; none for other text.
std::string Number(const nlohmann::json& jwk, const char* name) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(Field(jwk, name), &bytes)) bytes.clear();
  return bytes;
}

absl::Status CheckJwk(const nlohmann::json& jwk, size_t index) {
  if (!jwk.is_object()) return Wrong(index, "is not an object");
  if (Field(jwk, "kty") == "oct" || jwk.contains("d") || jwk.contains("k")) {
    return Wrong(index, "is secret; give public keys only");
  }
  if (Field(jwk, "kid").size() > kKidBytesMax) {
    return Wrong(index, "has a kid of more than 256 bytes");
  }
  return absl::OkStatus();
}

absl::StatusOr<JwtKey> FromJwk(const nlohmann::json& jwk,
                               absl::string_view algorithm, size_t index) {
  absl::StatusOr<JwtKey> key =
      algorithm == kJwtRsa
          ? MakeKey(RsaNumbers{Number(jwk, "n"), Number(jwk, "e")}, index)
          : MakeKey(EcNumbers{Number(jwk, "x"), Number(jwk, "y")}, index);
  if (key.ok()) key->kid = Field(jwk, "kid");
  return Usable(std::move(key), index);
}

absl::StatusOr<std::vector<JwtKey>> FromJwks(absl::string_view text) {
  const nlohmann::json set =
      nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (!set.is_object() || !set.contains("keys") || !set["keys"].is_array()) {
    return Wrong("it is not a JWK Set: {\"keys\": [...]}");
  }
  std::vector<JwtKey> keys;
  for (size_t i = 0; i < set["keys"].size(); ++i) {
    const nlohmann::json& jwk = set["keys"][i];
    const absl::Status sound = CheckJwk(jwk, i);
    if (!sound.ok()) return sound;
    const auto algorithm = AlgorithmOf(jwk);
    if (!algorithm) continue;
    absl::StatusOr<JwtKey> key = FromJwk(jwk, *algorithm, i);
    if (!key.ok()) return key.status();
    keys.push_back(*std::move(key));
  }
  return keys;
}

// ---- PEM ------------------------------------------------------------------

// A number of a key with at least `size` bytes; empty if it has none.
std::string Number(const EVP_PKEY* key, const char* name, int size) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return std::string();
  const BignumPtr owned(number);
  size = std::max(size, BN_num_bytes(number));
  std::string bytes(static_cast<size_t>(size), '\0');
  BN_bn2binpad(number, Data(bytes), size);
  return bytes;
}

bool IsP256(const EVP_PKEY* key) {
  char name[64] = {};
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, name, sizeof(name), nullptr) == 1 &&
         absl::string_view(name) == "prime256v1";
}

KeyPtr ReadPublicKey(const std::string& block) {
  const BioPtr bio = BioOver(block);
  if (absl::StrContains(block, "BEGIN CERTIFICATE")) {
    const X509Ptr x509(
        PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
    return KeyPtr(x509 == nullptr ? nullptr : X509_get_pubkey(x509.get()));
  }
  return KeyPtr(PEM_read_bio_PUBKEY(bio.get(), nullptr, NoPassphrase, nullptr));
}

// Keys in PEM have no kid: they are tried in turn.
absl::StatusOr<JwtKey> FromPemBlock(const std::string& block, size_t index) {
  if (absl::StrContains(block, "PRIVATE KEY")) {
    return Wrong(index, "is secret; give public keys only");
  }
  const KeyPtr key = ReadPublicKey(block);
  if (key != nullptr && EVP_PKEY_is_a(key.get(), "RSA") == 1) {
    return Usable(
        MakeKey(RsaNumbers{Number(key.get(), OSSL_PKEY_PARAM_RSA_N, 0),
                           Number(key.get(), OSSL_PKEY_PARAM_RSA_E, 0)},
                index),
        index);
  }
  if (key != nullptr && IsP256(key.get())) {
    return Usable(
        MakeKey(EcNumbers{
                    Number(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes),
                    Number(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes)},
                index),
        index);
  }
  ERR_clear_error();
  return Wrong(index,
               "is neither an RSA key nor one on P-256, in PEM as PUBLIC KEY");
}

absl::StatusOr<std::vector<JwtKey>> FromPem(absl::string_view text) {
  constexpr absl::string_view kBegin = "-----BEGIN ";
  std::vector<JwtKey> keys;
  for (size_t at = text.find(kBegin); at != text.npos;) {
    const size_t next = text.find(kBegin, at + 1);
    absl::StatusOr<JwtKey> key = FromPemBlock(
        std::string(text.substr(at, next - at)), keys.size());
    if (!key.ok()) return key.status();
    keys.push_back(*std::move(key));
    at = next;
  }
  return keys;
}

}  // namespace

absl::StatusOr<std::vector<JwtKey>> ParseJwtKeys(absl::string_view text) {
  const absl::string_view begin = absl::StripLeadingAsciiWhitespace(text);
  absl::StatusOr<std::vector<JwtKey>> keys =
      absl::StartsWith(begin, "{") ? FromJwks(begin) : FromPem(begin);
  if (!keys.ok()) return keys;
  if (keys->empty()) {
    return Wrong(
        "it holds no key for RS256 or ES256; give a JWK Set or public keys in "
        "PEM");
  }
  if (keys->size() > kKeysMax) {
    return Wrong("it holds more than 64 keys; leave out those not in use");
  }
  return keys;
}

}  // namespace budget
