#include "server/app/jwt_authority.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"
#include "tests/support/test_jwt.h"

namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string TokenOf(const JwtSigner& signer) {
  return signer.Sign(
      R"({"alg":"ES256"})",
      absl::StrCat(R"({"iss":"i","aud":"a","sub":"gw","exp":)",
                   absl::ToUnixSeconds(absl::Now() + absl::Hours(1)), "}"));
}

TEST(JwtAuthorityTest, TakesNewKeysWithoutARestart) {
  const ScratchDir scratch;
  const Config config{.jwt_keys = scratch / "keys",
                      .jwt_issuer = "i",
                      .jwt_audience = "a"};
  const JwtSigner first = JwtSigner::Ec();
  const JwtSigner second = JwtSigner::Ec();
  ReplaceFile(config.jwt_keys, first.Pem());
  const auto authority = JwtAuthority::Open(config, SystemClock());
  ASSERT_TRUE(authority.ok()) << authority.status();
  JwtVerifier& verifier = (*authority)->verifier();
  EXPECT_EQ(verifier.Verify(TokenOf(first)).value(), "jwt:i#gw");
  EXPECT_FALSE(verifier.Verify(TokenOf(second)).ok());
  ReplaceFile(config.jwt_keys, second.Pem());
  EXPECT_TRUE(
      Eventually([&] { return verifier.Verify(TokenOf(second)).ok(); }));
  EXPECT_FALSE(verifier.Verify(TokenOf(first)).ok());
}

TEST(JwtAuthorityTest, NamesTheFlagOfAFileThatCannotBeUsed) {
  const Config config{.jwt_keys = "/nowhere/at/all"};
  EXPECT_THAT(JwtAuthority::Open(config, SystemClock()).status().message(),
              AllOf(HasSubstr("--jwt-keys is \"/nowhere/at/all\""),
                    HasSubstr("cannot be read"), HasSubstr("JWK Set")));
}

}  // namespace
}  // namespace budget::testing
