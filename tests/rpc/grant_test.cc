// Grants: who may give what to whom, and what they cover.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "budget/v1/access_service.pb.h"
#include "tests/rpc/security_fixture.h"

namespace budget::testing {
namespace {

using ::testing::ElementsAre;

using GrantTest = SecurityTest;

TEST_F(GrantTest, IsInForceAsSoonAsItIsAnswered) {
  const auto made = Make("principal: 'dash' subtree: '*'");
  EXPECT_EQ(Reason(made.secret()), "PERMISSION_DENIED");
  const std::string grant =
      "grant { principal: 'dash' role: ROLE_VIEWER subtree: 'acme' }";
  server_.MustCall("AccessService/AddGrant", grant);
  server_.MustCall("AccessService/AddGrant", grant);
  EXPECT_EQ(Reason(made.secret()), "OK");
  EXPECT_EQ(Query(made.secret(), "other").reason(), "ALLOCATION_NOT_FOUND");
  server_.MustCall("AccessService/RemoveGrant", grant);
  server_.MustCall("AccessService/RemoveGrant", grant);
  EXPECT_EQ(Reason(made.secret()), "PERMISSION_DENIED");
}

TEST_F(GrantTest, CoversBySegments) {
  const std::string token = server_.TokenOf("sea", Role::kViewer, "acme/sea");
  EXPECT_EQ(Query(token, "acme/sea").reason(), "OK");
  EXPECT_EQ(Query(token, "acme/search").reason(), "ALLOCATION_NOT_FOUND");
}

TEST_F(GrantTest, AnAdministratorGivesAwayNoMoreThanItHas) {
  const std::string admin = server_.TokenOf("a", Role::kAdmin, "acme");
  const auto reason = [&](const std::string& method,
                          const std::string& request) {
    return server_.Call(admin, "AccessService/" + method, request).reason();
  };
  for (const char* subtree : {"*", "other", "ghost", "acm", "acme2"}) {
    const std::string grant =
        absl::StrCat("grant { principal: 'x' role: ROLE_VIEWER subtree: '",
                     subtree, "' }");
    EXPECT_EQ(reason("AddGrant", grant), "PERMISSION_DENIED") << subtree;
    EXPECT_EQ(reason("RemoveGrant", grant), "PERMISSION_DENIED") << subtree;
    EXPECT_EQ(reason("CreateToken", absl::StrCat("principal: 'x' subtree: '",
                                                 subtree, "'")),
              "PERMISSION_DENIED")
        << subtree;
  }
  EXPECT_EQ(reason("AddGrant",
                   "grant { principal: 'x' role: ROLE_ADMIN "
                   "subtree: 'acme/search' }"),
            "OK");
  // The name of an administrator of everything is of no use within acme.
  const auto made = server_
                        .Call(admin, "AccessService/CreateToken",
                              "principal: 'root' subtree: 'acme'")
                        .As<v1::CreateTokenResponse>();
  EXPECT_EQ(Query(made.secret(), "acme").reason(), "OK");
  EXPECT_EQ(Query(made.secret(), "other").reason(), "ALLOCATION_NOT_FOUND");
}

TEST_F(GrantTest, ListsLeaveOutWhatIsElsewhere) {
  server_.TokenOf("o", Role::kViewer, "other");
  const auto foreign = Make("principal: 'o' subtree: 'other'");
  const auto own = Make("principal: 'w' subtree: 'acme' role: ROLE_GATEWAY");
  const std::string auditor = server_.TokenOf("aud", Role::kAuditor, "acme");
  const auto tokens = server_.Call(auditor, "AccessService/ListTokens", "")
                          .As<v1::ListTokensResponse>();
  ASSERT_EQ(tokens.tokens_size(), 1);
  EXPECT_EQ(tokens.tokens(0).token_id(), own.token().token_id());
  const auto grants = server_.Call(auditor, "AccessService/ListGrants", "")
                          .As<v1::ListGrantsResponse>();
  std::vector<std::string> principals;
  for (const v1::Grant& grant : grants.grants()) {
    principals.push_back(grant.principal());
  }
  EXPECT_THAT(principals, ElementsAre("aud", "w"));
  const auto changes =
      server_.Call(auditor, "AccessService/ListAccessChanges", "")
          .As<v1::ListAccessChangesResponse>();
  ASSERT_GT(changes.changes_size(), 0);
  for (const v1::AccessChange& change : changes.changes()) {
    EXPECT_EQ(change.subtree(), "acme");
  }
}

TEST_F(GrantTest, ListsComeInPages) {
  for (int i = 0; i < 5; ++i) {
    server_.TokenOf(absl::StrCat("p", i), Role::kViewer, "acme");
  }
  std::vector<std::string> principals;
  std::string page_token;
  do {
    const auto page =
        server_
            .MustCall("AccessService/ListGrants",
                      absl::StrCat("page_size: 2 page_token: '", page_token,
                                   "'"))
            .As<v1::ListGrantsResponse>();
    EXPECT_LE(page.grants_size(), 2);
    for (const v1::Grant& grant : page.grants()) {
      principals.push_back(grant.principal());
    }
    page_token = page.next_page_token();
  } while (!page_token.empty());
  EXPECT_THAT(principals,
              ElementsAre("p0", "p1", "p2", "p3", "p4", "root"));
}

TEST_F(GrantTest, EveryChangeIsInTheLogWithWhoAndFromWhatToWhat) {
  const auto made =
      Make("principal: 'dash' subtree: 'acme' role: ROLE_VIEWER "
           "ttl { seconds: 60 }");
  const std::string id = made.token().token_id();
  server_.MustCall("AccessService/RevokeToken",
                   absl::StrCat("token_id: '", id, "'"));
  server_.MustCall("AccessService/RemoveGrant",
                   "grant { principal: 'dash' role: ROLE_VIEWER "
                   "subtree: 'acme' }");
  // The first two made the token of the test itself.
  const auto log = server_
                       .MustCall("AccessService/ListAccessChanges",
                                 "after_sequence: 2")
                       .As<v1::ListAccessChangesResponse>();
  ASSERT_EQ(log.changes_size(), 4);
  const std::string until =
      absl::StrCat("token ", id, " good until 2026-11-21T10:01:00+00:00");
  const std::vector<std::vector<std::string>> expected = {
      {"none", "role viewer in acme"},
      {"none", until},
      {until, absl::StrCat("token ", id, " revoked")},
      {"role viewer in acme", "none"}};
  for (int i = 0; i < 4; ++i) {
    const v1::AccessChange& change = log.changes(i);
    EXPECT_EQ(change.sequence(), i + 3);
    EXPECT_EQ(change.actor(), "root");
    EXPECT_EQ(change.principal(), "dash");
    EXPECT_EQ(change.subtree(), "acme");
    EXPECT_EQ(change.from(), expected[i][0]);
    EXPECT_EQ(change.to(), expected[i][1]);
    EXPECT_TRUE(change.has_time());
  }
}

TEST_F(GrantTest, BadInputIsToldByField) {
  const std::map<std::string, std::vector<std::string>> cases = {
      {"CreateToken",
       {"principal: 'a:b' subtree: '*'", "subtree: '*'",
        "principal: 'a' subtree: 'NO'", "principal: 'a' subtree: ''",
        "principal: 'a' subtree: '*' role: 9",
        "principal: 'a' subtree: '*' ttl { seconds: 0 }",
        "principal: 'a b' subtree: '*'"}},
      {"AddGrant",
       {"", "grant { principal: 'a' subtree: '*' }",
        "grant { principal: 'a' role: 7 subtree: '*' }",
        "grant { role: ROLE_ADMIN subtree: '*' }",
        "grant { principal: 'a' role: ROLE_ADMIN subtree: 'acme/' }"}},
      {"ListTokens", {"page_size: -1", "page_token: 'x'"}},
      {"ListAccessChanges", {"after_sequence: -1", "page_token: 'x'"}}};
  for (const auto& [method, requests] : cases) {
    for (const std::string& request : requests) {
      EXPECT_EQ(server_
                    .Call(server_.root_token(), "AccessService/" + method,
                          request)
                    .reason(),
                "INVALID_FIELD")
          << method << " " << request;
    }
  }
}

}  // namespace
}  // namespace budget::testing
