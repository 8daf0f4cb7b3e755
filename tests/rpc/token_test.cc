// Tokens, from their making to their end, through a real server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/rpc/security_fixture.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using TokenTest = SecurityTest;

TEST_F(TokenTest, IsShownOnceAndLetsItsBearerIn) {
  const auto made =
      Make("principal: 'dash' subtree: 'acme/search' role: ROLE_VIEWER");
  EXPECT_EQ(Reason(made.secret()), "OK");
  EXPECT_EQ(made.token().principal(), "dash");
  EXPECT_EQ(made.token().created_by(), "root");
  EXPECT_FALSE(made.token().has_expire_time());
  const RawAnswer list = server_.MustCall("AccessService/ListTokens", "");
  EXPECT_THAT(list.bytes, HasSubstr(made.token().token_id()));
  const std::string secret = made.secret().substr(made.secret().size() - 43);
  EXPECT_THAT(list.bytes, Not(HasSubstr(secret)));
  // Only the hash is kept.
  const auto records = server_.access().ReadAll();
  for (const TokenRecord& token : records->tokens) {
    EXPECT_EQ(token.secret_hash.size(), 32u);
    EXPECT_EQ(absl::StrContains(secret, token.secret_hash), false);
  }
}

TEST_F(TokenTest, ExpiresByTheClockOfTheDatabase) {
  const auto made = Make(
      "principal: 'dash' subtree: 'acme' role: ROLE_VIEWER "
      "ttl { seconds: 60 }");
  server_.clock().Advance(absl::Seconds(59));
  EXPECT_EQ(Reason(made.secret()), "OK");
  server_.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(Reason(made.secret()), "UNAUTHENTICATED");
  EXPECT_THAT(Query(made.secret(), "acme").status.error_message(),
              HasSubstr("has expired"));
}

TEST_F(TokenTest, IsRevokedForGood) {
  const auto made =
      Make("principal: 'dash' subtree: 'acme' role: ROLE_VIEWER");
  const std::string revoke =
      absl::StrCat("token_id: '", made.token().token_id(), "'");
  EXPECT_EQ(Reason(made.secret()), "OK");
  for (int i = 0; i < 2; ++i) {
    const auto revoked =
        server_.MustCall("AccessService/RevokeToken", revoke)
            .As<v1::RevokeTokenResponse>();
    EXPECT_TRUE(revoked.token().has_revoke_time());
    EXPECT_EQ(Reason(made.secret()), "UNAUTHENTICATED");
  }
}

TEST_F(TokenTest, IsGoodForNothingOutsideItsSubtree) {
  const auto narrow =
      Make("principal: 'ops' subtree: 'acme/search' role: ROLE_VIEWER");
  server_.MustCall("AccessService/AddGrant",
                   "grant { principal: 'ops' role: ROLE_ADMIN subtree: '*' }");
  EXPECT_EQ(Query(narrow.secret(), "acme/search/key").reason(), "OK");
  EXPECT_EQ(Query(narrow.secret(), "acme/ads").reason(),
            "ALLOCATION_NOT_FOUND");
  EXPECT_EQ(server_.Call(narrow.secret(), "AccessService/AddGrant",
                         "grant { principal: 'x' role: ROLE_ADMIN "
                         "subtree: 'acme/ads' }")
                .reason(),
            "PERMISSION_DENIED");
}

// Whatever is wrong with a token, nothing of it is told, and the same is said
// as long as its secret has not been shown: of what looks like a token made here,
// and of the rest, which can only be a JWT.
TEST_F(TokenTest, ThatIsNotOneOfOursIsRefusedWithoutAWordAboutIt) {
  const auto made = Make("principal: 'dash' subtree: 'acme' role: ROLE_VIEWER");
  std::string wrong = made.secret();
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  const std::string malformed[] = {
      "x",
      "bgt_",
      "bgt__",
      made.secret() + "A",
      made.secret().substr(1),
      absl::StrReplaceAll(made.secret(), {{"bgt_", "BGT_"}}),
      "bgt_0000000000000000_" + made.secret().substr(21),
      std::string(6000, 'a'),
      "bgt_" + std::string(60, '_'),
      wrong};
  std::map<bool, std::string> messages;
  for (const std::string& token : malformed) {
    std::string& message = messages[absl::StartsWith(token, "bgt_")];
    const RawAnswer answer = Query(token, "acme");
    EXPECT_EQ(answer.reason(), "UNAUTHENTICATED") << token;
    if (message.empty()) message = answer.status.error_message();
    EXPECT_EQ(answer.status.error_message(), message) << token;
  }
  EXPECT_EQ(Reason(made.secret()), "OK");
}

TEST_F(TokenTest, MustComeAsABearerTokenAndOnce) {
  const std::string token = server_.root_token();
  const auto reason = [&](const std::string& authorization) {
    return server_.CallAs(authorization, kQuery, "allocation: 'acme'").reason();
  };
  EXPECT_EQ(reason("Bearer " + token), "OK");
  EXPECT_EQ(reason("bearer " + token), "OK");
  EXPECT_EQ(reason(token), "UNAUTHENTICATED");
  EXPECT_EQ(reason("Basic " + token), "UNAUTHENTICATED");
  EXPECT_EQ(reason("Bearer"), "UNAUTHENTICATED");
  EXPECT_EQ(reason("Bearer  " + token), "UNAUTHENTICATED");
}

TEST_F(TokenTest, IsRefusedBeforeTheRequestIsLookedAt) {
  EXPECT_EQ(Hold("", "no id", "NO PATH", -1).reason(), "UNAUTHENTICATED");
  const std::string viewer =
      server_.TokenOf("dash", Role::kViewer, "acme/search");
  EXPECT_EQ(Hold(viewer, "no id", "NO PATH", -1).reason(),
            "PERMISSION_DENIED");
}

// A secret, wherever it is planted, shows in no answer.
TEST_F(TokenTest, ShowsInNoAnswer) {
  const std::string planted = "bgt_0123456789abcdef_PLANTEDPLANTED";
  for (const std::string& authorization :
       {"Bearer " + planted, planted, "Basic " + planted}) {
    const RawAnswer answer =
        server_.CallAs(authorization, kQuery, "allocation: 'acme'");
    EXPECT_THAT(answer.status.error_message(), Not(HasSubstr("PLANTED")));
    EXPECT_THAT(answer.status.error_details(), Not(HasSubstr("PLANTED")));
  }
  server_.Call(server_.root_token(), kQuery, "allocation: 'acme'");
  const RawAnswer log =
      server_.MustCall("AccessService/ListAccessChanges", "page_size: 1000");
  const std::string secret =
      server_.root_token().substr(server_.root_token().size() - 43);
  EXPECT_THAT(log.bytes, Not(HasSubstr(secret)));
}

}  // namespace
}  // namespace budget::testing
