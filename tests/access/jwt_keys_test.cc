#include "server/access/jwt_keys.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_ca.h"
#include "tests/support/test_jwt.h"

namespace budget::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string Set(const std::vector<std::string>& keys) {
  return absl::StrCat(R"({"keys":[)", absl::StrJoin(keys, ","), "]}");
}

// `jwk` with one more field.
std::string With(std::string jwk, const std::string& field) {
  jwk.pop_back();
  return absl::StrCat(jwk, ",", field, "}");
}

std::string Error(const std::string& text) {
  const auto keys = ParseJwtKeys(text);
  EXPECT_FALSE(keys.ok());
  return std::string(keys.status().message());
}

TEST(JwtKeysTest, AJwkSetGivesEachKeyItsOneAlgorithm) {
  const auto keys = ParseJwtKeys(Set({Rsa().Jwk("r"), Ec().Jwk("e")}));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_THAT(*keys, SizeIs(2));
  EXPECT_EQ((*keys)[0].kid, "r");
  EXPECT_EQ((*keys)[0].algorithm, "RS256");
  EXPECT_EQ((*keys)[1].kid, "e");
  EXPECT_EQ((*keys)[1].algorithm, "ES256");
}

TEST(JwtKeysTest, PemMayHoldKeysOfBothKindsAndCertificates) {
  const TestCa ca("issuer");
  const auto keys = ParseJwtKeys(
      absl::StrCat("comment\n", Rsa().Pem(), Ec().Pem(), ca.certificate()));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_THAT(*keys, SizeIs(3));
  EXPECT_EQ((*keys)[0].algorithm, "RS256");
  EXPECT_EQ((*keys)[1].algorithm, "ES256");
  EXPECT_EQ((*keys)[2].algorithm, "ES256");
}

TEST(JwtKeysTest, KeysForOtherThingsArePassedOver) {
  const auto keys = ParseJwtKeys(
      Set({With(Rsa().Jwk("enc"), R"("use":"enc")"),
           With(Rsa().Jwk("ps"), R"("alg":"PS256")"),
           With(Rsa().Jwk("hs"), R"("alg":"HS256")"),
           R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})",
           R"({"kty":"EC","crv":"P-384","x":"AAAA","y":"AAAA"})",
           With(Ec().Jwk("good"), R"("use":"sig","alg":"ES256")")}));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_THAT(*keys, SizeIs(1));
  EXPECT_EQ((*keys)[0].kid, "good");
}

TEST(JwtKeysTest, NoKeyLeftIsAnError) {
  EXPECT_THAT(Error(Set({})), HasSubstr("no key for RS256 or ES256"));
  EXPECT_THAT(Error(""), HasSubstr("no key for RS256 or ES256"));
  EXPECT_THAT(Error("nothing of use"), HasSubstr("JWK Set or public keys"));
  EXPECT_THAT(Error(Set({With(Rsa().Jwk(""), R"("use":"enc")")})),
              HasSubstr("no key"));
}

TEST(JwtKeysTest, SecretsAreRefused) {
  EXPECT_THAT(Error(Set({Rsa().Jwk(""), R"({"kty":"oct","k":"AAAA"})"})),
              HasSubstr("key 2 of it is secret"));
  EXPECT_THAT(Error(Set({Ec().PrivateJwk()})), HasSubstr("is secret"));
  EXPECT_THAT(Error(Set({Rsa().PrivateJwk()})), HasSubstr("is secret"));
  EXPECT_THAT(Error(TestCa("a").IssueServer().key), HasSubstr("is secret"));
}

TEST(JwtKeysTest, WeakAndOversizedRsaKeysAreRefused) {
  const JwtSigner weak = JwtSigner::Rsa(1024);
  EXPECT_THAT(Error(Set({weak.Jwk("")})), HasSubstr("2048 to 8192 bits"));
  EXPECT_THAT(Error(weak.Pem()), HasSubstr("2048 to 8192 bits"));
  const std::string huge = absl::StrCat(
      R"({"kty":"RSA","e":"AQAB","n":")", std::string(1400, 'A'), R"("})");
  EXPECT_THAT(Error(Set({huge})), HasSubstr("2048 to 8192 bits"));
}

TEST(JwtKeysTest, BrokenFilesAreRefusedWithTheCause) {
  EXPECT_THAT(Error("{"), HasSubstr("not a JWK Set"));
  EXPECT_THAT(Error(R"({"keys":{}})"), HasSubstr("not a JWK Set"));
  EXPECT_THAT(Error(Rsa().Jwk("")), HasSubstr("not a JWK Set"));
  EXPECT_THAT(Error(Set({"7"})), HasSubstr("key 1 of it is not an object"));
  EXPECT_THAT(Error("-----BEGIN PUBLIC KEY-----\nAAAA\n"),
              HasSubstr("key 1 of it is neither"));
  EXPECT_THAT(Error(JwtSigner::Ec("P-384").Pem()), HasSubstr("neither"));
}

// The library behind ends the process over some of these.
TEST(JwtKeysTest, PointsThatAreNoneAreRefused) {
  const auto error = [](const std::string& x, const std::string& y) {
    return Error(Set({absl::StrCat(R"({"kty":"EC","crv":"P-256","x":")", x,
                                   R"(","y":")", y, R"("})")}));
  };
  const std::string one(43, 'B');  // 32 bytes
  EXPECT_THAT(error(one, one), HasSubstr("its numbers are no key"));
  for (const std::string& wrong :
       {std::string(), std::string("AA"), std::string(42, 'B'),
        std::string(44, 'B'), "f=" + std::string(41, 'B'),
        std::string(41, 'B') + "==", std::string("x_[E")}) {
    EXPECT_THAT(error(wrong, one), HasSubstr("coordinates of 32 bytes"));
    EXPECT_THAT(error(one, wrong), HasSubstr("coordinates of 32 bytes"));
  }
}

TEST(JwtKeysTest, ExponentsUnderWhichAnybodySignsAreRefused) {
  const auto error = [](const std::string& e) {
    return Error(Set({absl::StrCat(R"({"kty":"RSA","n":")",
                                   std::string(342, 'x'), R"(","e":")", e,
                                   R"("})")}));
  };
  // 1, 0, even, absent, more than 64 bits, no base64url.
  for (const char* wrong :
       {"AQ", "AAAAAQ", "AA", "AQAC", "", "AQAAAAAAAAAB", "A=Q"}) {
    EXPECT_THAT(error(wrong), HasSubstr("exponent")) << wrong;
  }
}

TEST(JwtKeysTest, MoreThan64KeysAreRefused) {
  const std::string key = Ec().Jwk("");
  EXPECT_TRUE(ParseJwtKeys(Set(std::vector<std::string>(64, key))).ok());
  EXPECT_THAT(Error(Set(std::vector<std::string>(65, key))),
              HasSubstr("more than 64"));
}

}  // namespace
}  // namespace budget::testing
