#include "server/access/jwt.h"

#include <openssl/err.h>

#include <filesystem>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"
#include "tests/support/test_jwt.h"
#include "tests/support/virtual_clock.h"

namespace budget::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Keys of somebody else.
const JwtSigner& Stranger() {
  static const JwtSigner& key = *new JwtSigner(JwtSigner::Rsa());
  return key;
}

std::string Set(const std::string& keys) {
  return absl::StrCat(R"({"keys":[)", keys, "]}");
}

class JwtTest : public ::testing::Test {
 protected:
  JwtTest() {
    ReplaceFile(keys_file_, Set(Rsa().Jwk("r1") + "," + Ec().Jwk("e1")));
    Open();
  }
  // gRPC's handshakes take an error that is left in the queue for theirs.
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  void Open() {
    auto opened = JwtVerifier::Open({.keys_file = keys_file_,
                                     .issuer = "https://issuer",
                                     .audience = "budget"},
                                    clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    verifier_ = *std::move(opened);
  }

  int64_t Now(absl::Duration later = absl::ZeroDuration()) {
    return absl::ToUnixSeconds(clock_.Now() + later);
  }
  // What a good token says; a case changes what it is about.
  json Claims() {
    return {{"iss", "https://issuer"}, {"aud", "budget"},
            {"sub", "gateway"},        {"exp", Now(absl::Minutes(5))},
            {"nbf", Now()},            {"iat", Now()}};
  }
  static json Header(const JwtSigner& key = Rsa()) {
    return {{"alg", key.algorithm()}, {"typ", "JWT"}};
  }
  std::string Token(const json& claims) {
    return Rsa().Sign(Header().dump(), claims.dump());
  }
  // The principal, or why there is none.
  std::string Verify(const std::string& token) {
    const auto principal = verifier_->Verify(token);
    if (principal.ok()) return *principal;
    EXPECT_EQ(principal.status().code(), absl::StatusCode::kUnauthenticated);
    return std::string(principal.status().message());
  }
  std::string VerifyClaim(const char* name, const json& value) {
    json claims = Claims();
    claims[name] = value;
    return Verify(Token(claims));
  }
  std::string VerifyHeader(const json& header) {
    return Verify(Rsa().Sign(header.dump(), Claims().dump()));
  }

  const std::string kGood = "jwt:https://issuer#gateway";
  const ScratchDir scratch_;
  const std::string keys_file_ = scratch_ / "keys.json";
  VirtualClock clock_;
  std::unique_ptr<JwtVerifier> verifier_;
};

TEST_F(JwtTest, BothAlgorithmsStandForTheSubject) {
  EXPECT_EQ(Verify(Rsa().Sign(Header().dump(), Claims().dump())), kGood);
  EXPECT_EQ(Verify(Ec().Sign(Header(Ec()).dump(), Claims().dump())), kGood);
}

TEST_F(JwtTest, KeysInPemServeAsWell) {
  ReplaceFile(keys_file_, Ec().Pem() + Rsa().Pem());
  Open();
  EXPECT_EQ(Verify(Token(Claims())), kGood);
  EXPECT_EQ(Verify(Ec().Sign(Header(Ec()).dump(), Claims().dump())), kGood);
}

// ---- RFC 8725, 3.1 and 3.2: algorithms ----

TEST_F(JwtTest, NoneIsRefusedHoweverItIsWritten) {
  for (const char* none : {"none", "None", "NONE", "nOnE"}) {
    const json header = {{"alg", none}, {"typ", "JWT"}};
    EXPECT_THAT(Verify(UnsignedToken(header.dump(), Claims().dump())),
                HasSubstr("not three parts"));
    EXPECT_THAT(Verify(UnsignedToken(header.dump(), Claims().dump()) + "AAAA"),
                HasSubstr("neither RS256 nor ES256"));
    EXPECT_THAT(VerifyHeader(header), HasSubstr("neither RS256 nor ES256"));
  }
}

TEST_F(JwtTest, APublicKeyIsNoSecret) {
  const std::string header = R"({"alg":"HS256","typ":"JWT"})";
  for (const std::string& secret : {Rsa().Pem(), Rsa().Jwk("r1"), Ec().Pem()}) {
    EXPECT_THAT(Verify(HmacToken(header, Claims().dump(), secret)),
                HasSubstr("neither RS256 nor ES256"));
  }
  // The same under a pinned name.
  EXPECT_THAT(
      Verify(HmacToken(Header().dump(), Claims().dump(), Rsa().Pem())),
      HasSubstr("none of the pinned keys"));
}

TEST_F(JwtTest, AKeyServesItsOwnAlgorithmOnly) {
  json header = {{"alg", "ES256"}, {"kid", "r1"}};
  EXPECT_THAT(VerifyHeader(header), HasSubstr("none of the pinned keys"));
  for (const char* other : {"RS384", "RS512", "PS256", "ES384", "HS512",
                            "EdDSA", "RS256 ", "rs256", ""}) {
    header = {{"alg", other}};
    EXPECT_THAT(VerifyHeader(header), HasSubstr("neither RS256 nor ES256"));
  }
}

TEST_F(JwtTest, TheAlgorithmIsAText) {
  for (const json& wrong : {json(), json(7), json::array({"RS256"}),
                            json{{"alg", "RS256"}}}) {
    EXPECT_THAT(VerifyHeader({{"alg", wrong}}),
                HasSubstr("neither RS256 nor ES256"));
  }
  EXPECT_THAT(VerifyHeader({{"typ", "JWT"}}),
              HasSubstr("neither RS256 nor ES256"));
}

TEST_F(JwtTest, AnAlgorithmThatIsGivenTwiceIsNotChosenFrom) {
  for (const char* header : {R"({"alg":"none","alg":"RS256"})",
                             R"({"alg":"RS256","alg":"none"})",
                             R"({"alg":"HS256","alg":"RS256"})"}) {
    // Either refused, or verified as what is pinned.
    const std::string strange =
        HmacToken(header, Claims().dump(), Rsa().Pem());
    EXPECT_THAT(Verify(strange), HasSubstr("refused"));
  }
}

// ---- signatures ----

TEST_F(JwtTest, AStrangersSignatureIsRefused) {
  EXPECT_THAT(Verify(Stranger().Sign(Header().dump(), Claims().dump())),
              HasSubstr("none of the pinned keys"));
}

TEST_F(JwtTest, ClaimsCannotBeExchangedUnderASignature) {
  json other = Claims();
  other["sub"] = "admin";
  const std::string theirs = Token(other);
  const std::string ours = Token(Claims());
  const std::vector<std::string> a = absl::StrSplit(theirs, '.');
  const std::vector<std::string> b = absl::StrSplit(ours, '.');
  EXPECT_THAT(Verify(absl::StrCat(a[0], ".", a[1], ".", b[2])),
              HasSubstr("none of the pinned keys"));
}

TEST_F(JwtTest, AnEcdsaSignatureHasItsSize) {
  const std::string token = Ec().Sign(Header(Ec()).dump(), Claims().dump());
  const size_t dot = token.rfind('.');
  std::string signature;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(token.substr(dot + 1), &signature));
  for (const std::string& wrong :
       {signature.substr(0, 63), signature + '\0', std::string(64, '\0'),
        std::string(1, '\0')}) {
    EXPECT_THAT(Verify(absl::StrCat(token.substr(0, dot), ".",
                                    absl::WebSafeBase64Escape(wrong))),
                HasSubstr("none of the pinned keys"));
  }
}

// ---- 3.10: the kid only chooses ----

TEST_F(JwtTest, AKidChoosesAmongThePinnedKeys) {
  EXPECT_EQ(VerifyHeader({{"alg", "RS256"}, {"kid", "r1"}}), kGood);
  EXPECT_THAT(VerifyHeader({{"alg", "RS256"}, {"kid", "r2"}}),
              HasSubstr("none of the pinned keys"));
}

TEST_F(JwtTest, AHostileKidFindsNothing) {
  for (const std::string& kid :
       {std::string("../../../../etc/passwd"), std::string("/dev/null"),
        std::string("' OR '1'='1"), std::string("https://evil/keys"),
        std::string("r1\0", 3), std::string(4000, 'k'), std::string()}) {
    EXPECT_THAT(VerifyHeader({{"alg", "RS256"}, {"kid", kid}}),
                HasSubstr("none of the pinned keys"));
  }
  EXPECT_THAT(VerifyHeader({{"alg", "RS256"}, {"kid", 7}}),
              HasSubstr("kid is not text"));
}

TEST_F(JwtTest, AKeyThatTheTokenBringsAlongIsNotUsed) {
  const json header = {{"alg", "RS256"},
                       {"jwk", json::parse(Stranger().Jwk("r1"))},
                       {"jku", "https://evil/keys"},
                       {"x5u", "https://evil/cert"}};
  EXPECT_THAT(Verify(Stranger().Sign(header.dump(), Claims().dump())),
              HasSubstr("none of the pinned keys"));
}

TEST_F(JwtTest, CriticalExtensionsAreRefused) {
  const json header = {{"alg", "RS256"}, {"crit", {"b64"}}, {"b64", false}};
  EXPECT_THAT(VerifyHeader(header), HasSubstr("crit"));
}

// ---- 3.11: types ----

TEST_F(JwtTest, OnlyAccessTokensAreTaken) {
  for (const char* type : {"JWT", "jwt", "at+jwt", "application/at+jwt"}) {
    EXPECT_EQ(VerifyHeader({{"alg", "RS256"}, {"typ", type}}), kGood);
  }
  EXPECT_EQ(VerifyHeader({{"alg", "RS256"}}), kGood);
  for (const json& type : {json("logout+jwt"), json("dpop+jwt"), json("JWE"),
                           json(""), json(1), json()}) {
    EXPECT_THAT(VerifyHeader({{"alg", "RS256"}, {"typ", type}}),
                HasSubstr("type is neither JWT nor at+jwt"));
  }
}

// ---- 3.8 and 3.9: issuer, subject, audience ----

TEST_F(JwtTest, TheIssuerIsTheOneThatIsPinned) {
  for (const json& issuer :
       {json("https://issuer/"), json("https://evil"), json("HTTPS://issuer"),
        json(""), json(1), json::array({"https://issuer"}), json()}) {
    EXPECT_THAT(VerifyClaim("iss", issuer), HasSubstr("issuer"));
  }
  json claims = Claims();
  claims.erase("iss");
  EXPECT_THAT(Verify(Token(claims)), HasSubstr("issuer"));
}

TEST_F(JwtTest, TheAudienceIsOrContainsTheOneThatIsPinned) {
  EXPECT_EQ(VerifyClaim("aud", {"other", "budget"}), kGood);
  for (const json& audience :
       {json("other"), json("budget2"), json::array({"other"}), json::array(),
        json(1), json{{"budget", true}}, json::array({json::array({"budget"})}),
        json()}) {
    EXPECT_THAT(VerifyClaim("aud", audience), HasSubstr("audience"));
  }
  json claims = Claims();
  claims.erase("aud");
  EXPECT_THAT(Verify(Token(claims)), HasSubstr("audience"));
}

TEST_F(JwtTest, TheSubjectIsANameOfUsableSize) {
  EXPECT_EQ(VerifyClaim("sub", "a#b"), "jwt:https://issuer#a#b");
  for (const json& subject :
       {json(""), json(std::string(256, 's')), json("a\nb"), json("a\tb"),
        json(std::string("a\0b", 3)), json(7), json::array({"gateway"}),
        json()}) {
    EXPECT_THAT(VerifyClaim("sub", subject), HasSubstr("subject"));
  }
}

// ---- times ----

TEST_F(JwtTest, ATokenExpiresHalfAMinuteLate) {
  const std::string token = Token(Claims());
  clock_.Advance(absl::Minutes(5) + absl::Seconds(29));
  EXPECT_EQ(Verify(token), kGood);
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Verify(token), HasSubstr("expired"));
}

TEST_F(JwtTest, WhatWasVerifiedBeforeExpiresAsWell) {
  const std::string token = Token(Claims());
  EXPECT_EQ(Verify(token), kGood);
  clock_.Advance(absl::Minutes(5) + absl::Seconds(30));
  EXPECT_THAT(Verify(token), HasSubstr("expired"));
}

TEST_F(JwtTest, AnExpiryIsRequired) {
  json claims = Claims();
  claims.erase("exp");
  EXPECT_THAT(Verify(Token(claims)), HasSubstr("no expiry"));
}

TEST_F(JwtTest, TimesAreNumbers) {
  EXPECT_EQ(VerifyClaim("exp", 0.5 + static_cast<double>(Now() + 60)), kGood);
  for (const char* name : {"exp", "nbf", "iat"}) {
    for (const json& wrong :
         {json("2030-01-01"), json(absl::StrCat(Now())), json(true), json(-1),
          json(1e300), json(), json::array({Now()})}) {
      EXPECT_THAT(VerifyClaim(name, wrong), HasSubstr("not a time"));
    }
  }
}

TEST_F(JwtTest, ATokenOfTheFutureIsNotValidYet) {
  for (const char* name : {"nbf", "iat"}) {
    EXPECT_EQ(VerifyClaim(name, Now(absl::Seconds(30))), kGood);
    EXPECT_THAT(VerifyClaim(name, Now(absl::Seconds(31))),
                AllOf(HasSubstr("not valid yet"), HasSubstr(name)));
  }
}

// ---- what is no token ----

TEST_F(JwtTest, WhatIsTruncatedIsRefused) {
  const std::string token = Token(Claims());
  for (size_t size = 0; size < token.size(); size += 7) {
    EXPECT_THAT(Verify(token.substr(0, size)), HasSubstr("refused"));
  }
}

TEST_F(JwtTest, WhatIsHugeIsRefused) {
  EXPECT_EQ(VerifyClaim("filler", std::string(5000, 'x')), kGood);
  EXPECT_THAT(VerifyClaim("filler", std::string(8000, 'x')),
              HasSubstr("larger than 8 KiB"));
  EXPECT_THAT(Verify(std::string(1 << 20, 'x')), HasSubstr("larger"));
}

TEST_F(JwtTest, WhatIsNoTokenIsRefused) {
  const std::string token = Token(Claims());
  for (const std::string& wrong :
       {std::string(), std::string("."), std::string(".."),
        std::string("a.b.c"), token + ".", token + "=", token + "\n",
        " " + token, token + ".AAAA",
        "Bearer " + token, std::string("a\0b.c.d", 7),
        std::string(100, '.')}) {
    EXPECT_THAT(Verify(wrong), HasSubstr("refused"));
  }
}

TEST_F(JwtTest, HeaderAndClaimsAreObjects) {
  const std::string claims = Claims().dump();
  for (const std::string& wrong :
       {std::string("7"), std::string("[]"), std::string("null"),
        std::string("{"), std::string("\xff\xfe"), std::string(1, '\0'),
        std::string(3000, '['), Header().dump() + "{}"}) {
    EXPECT_THAT(Verify(Rsa().Sign(wrong, claims)), HasSubstr("header"));
    EXPECT_THAT(Verify(Rsa().Sign(Header().dump(), wrong)),
                HasSubstr("claims"));
  }
}

TEST_F(JwtTest, ARefusalQuotesNothingOfTheToken) {
  json claims = Claims();
  claims["sub"] = "secret-subject\n";
  claims["iss"] = "secret-issuer";
  EXPECT_THAT(Verify(Token(claims)), Not(HasSubstr("secret")));
  claims["iss"] = "https://issuer";
  EXPECT_THAT(Verify(Token(claims)), Not(HasSubstr("secret")));
}

// ---- keys that change ----

TEST_F(JwtTest, NewKeysAreTakenAndOldOnesForgotten) {
  const std::string token = Token(Claims());
  EXPECT_EQ(Verify(token), kGood);
  EXPECT_FALSE(verifier_->Reload().value());
  ReplaceFile(keys_file_, Set(Stranger().Jwk("s1")));
  EXPECT_TRUE(verifier_->Reload().value());
  EXPECT_THAT(Verify(token), HasSubstr("none of the pinned keys"));
  EXPECT_EQ(Verify(Stranger().Sign(Header().dump(), Claims().dump())), kGood);
}

TEST_F(JwtTest, KeysThatCannotBeUsedAreLeftAlone) {
  ReplaceFile(keys_file_, Set(Stranger().PrivateJwk()));
  EXPECT_THAT(verifier_->Reload().status().message(), HasSubstr("secret"));
  std::filesystem::remove(keys_file_);
  EXPECT_THAT(verifier_->Reload().status().message(),
              HasSubstr("cannot be read"));
  EXPECT_EQ(Verify(Token(Claims())), kGood);
}

TEST_F(JwtTest, AMissingFileOfKeysFailsTheStart) {
  EXPECT_THAT(JwtVerifier::Open({.keys_file = scratch_ / "none"}, clock_)
                  .status()
                  .message(),
              HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace budget::testing
