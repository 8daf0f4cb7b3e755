// Tokens, grants and what is shown to whom, through a real server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "budget/v1/access_service.pb.h"
#include "budget/v1/budget_admin.grpc.pb.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "budget/v1/ledger_service.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/rpc/secured_server.h"

namespace budget::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kQuery[] = "BudgetService/QueryRemaining";

class SecurityTest : public ::testing::Test {
 protected:
  SecurityTest() {
    Create("acme", 100);
    Create("acme/search", 60);
    Create("acme/search/key", 50);
    Create("acme/sea", 40);
    Create("acme/ads", 40);
    Create("other", 100);
  }

  void Create(const std::string& path, int64_t cap) {
    server_.MustCall(
        "BudgetAdmin/CreateAllocation",
        absl::StrCat("request_id: '", server_.NewId(), "' allocation { path: '",
                     path, "' limits { name: 'life' unit: UNIT_TOKENS cap: ",
                     cap, " warn_percent: 10 window { lifetime {} } } }"));
  }

  RawAnswer Hold(const std::string& token, const std::string& id,
                 const std::string& path, int64_t tokens) {
    return server_.Call(
        token, "BudgetService/Reserve",
        absl::StrCat("reservation_id: '", id, "' allocations: '", path,
                     "' amounts { tokens: ", tokens, " }"));
  }
  RawAnswer Query(const std::string& token, const std::string& path) {
    return server_.Call(token, kQuery,
                        absl::StrCat("allocation: '", path, "'"));
  }
  std::string Reason(const std::string& token) {
    return Query(token, "acme/search").reason();
  }

  // A token as an administrator makes it.
  v1::CreateTokenResponse Make(const std::string& arguments) {
    return server_.MustCall("AccessService/CreateToken", arguments)
        .As<v1::CreateTokenResponse>();
  }

  SecuredServer server_;
};

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
// as long as its secret has not been shown.
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
  std::string message;
  for (const std::string& token : malformed) {
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

using OwnReservationsTest = SecurityTest;

TEST_F(OwnReservationsTest, AnotherGatewaysLooksLikeNone) {
  const std::string eu = server_.TokenOf("eu", Role::kGateway, "acme");
  const std::string us = server_.TokenOf("us", Role::kGateway, "acme");
  const std::string held = server_.NewId();
  const std::string none = server_.NewId();
  ASSERT_EQ(Hold(eu, held, "acme/search/key", 5).reason(), "OK");
  for (const char* method :
       {"Settle", "Release", "AdjustReservation", "GetReservation"}) {
    const auto call = [&](const std::string& id) {
      return server_.Call(
          us, absl::StrCat("BudgetService/", method),
          absl::StrCat("reservation_id: '", id, "' root: 'acme'"));
    };
    const RawAnswer foreign = call(held);
    const RawAnswer missing = call(none);
    EXPECT_EQ(foreign.reason(), "RESERVATION_NOT_FOUND") << method;
    EXPECT_EQ(absl::StrReplaceAll(foreign.status.error_details(),
                                  {{held, none}}),
              missing.status.error_details())
        << method;
  }
  const auto read =
      server_
          .Call(eu, "BudgetService/GetReservation",
                absl::StrCat("reservation_id: '", held, "' root: 'acme'"))
          .As<v1::GetReservationResponse>();
  EXPECT_EQ(read.reservation().owner(), "eu");
  EXPECT_EQ(read.reservation().state(), v1::RESERVATION_STATE_OPEN);
}

TEST_F(OwnReservationsTest, AnAdministratorOfTheSubtreeMayEndThem) {
  const std::string eu = server_.TokenOf("eu", Role::kGateway, "acme");
  const std::string held = server_.NewId();
  ASSERT_EQ(Hold(eu, held, "acme/search/key", 5).reason(), "OK");
  const std::string release =
      absl::StrCat("reservation_id: '", held, "' root: 'acme'");
  EXPECT_EQ(server_
                .Call(server_.TokenOf("a", Role::kAdmin, "acme/ads"),
                      "BudgetService/Release", release)
                .reason(),
            "RESERVATION_NOT_FOUND");
  EXPECT_EQ(server_
                .Call(server_.TokenOf("b", Role::kAdmin, "acme/search"),
                      "BudgetService/Release", release)
                .reason(),
            "OK");
}

TEST_F(OwnReservationsTest, ListsLeaveOutWhatIsElsewhere) {
  const std::string gateway = server_.TokenOf("g", Role::kGateway, "acme");
  const std::string inside = server_.NewId();
  ASSERT_EQ(Hold(gateway, inside, "acme/search/key", 1).reason(), "OK");
  ASSERT_EQ(server_
                .Call(gateway, "BudgetService/Reserve",
                      absl::StrCat("reservation_id: '", server_.NewId(),
                                   "' allocations: 'acme/search/key' "
                                   "allocations: 'acme/ads'"))
                .reason(),
            "OK");
  const std::string viewer =
      server_.TokenOf("dash", Role::kViewer, "acme/search");
  const auto list = server_
                        .Call(viewer, "BudgetService/ListReservations",
                              "allocation: 'acme/search' page_size: 1")
                        .As<v1::ListReservationsResponse>();
  ASSERT_EQ(list.reservations_size(), 1);
  EXPECT_EQ(list.reservations(0).reservation_id(), inside);
  EXPECT_EQ(list.next_page_token(), "");
}

TEST_F(SecurityTest, AllocationsElsewhereAreLeftOutOfLists) {
  const std::string token = server_.TokenOf("dash", Role::kViewer, "acme/sea");
  server_.Apply({AddGrant{{"dash", Role::kViewer, "other"}},
                 AddGrant{{"dash", Role::kGateway, "acme/ads"}}});
  const auto list = server_.Call(token, "BudgetAdmin/ListAllocations", "")
                        .As<v1::ListAllocationsResponse>();
  std::vector<std::string> paths;
  for (const v1::Allocation& allocation : list.allocations()) {
    paths.push_back(allocation.path());
  }
  EXPECT_THAT(paths, ElementsAre("acme/sea", "other"));
}

TEST_F(SecurityTest, TheLedgerShowsWhatIsTheCallersOwn) {
  const std::string gateway = server_.TokenOf("g", Role::kGateway, "acme");
  const std::string inside = server_.NewId();
  const std::string outside = server_.NewId();
  ASSERT_EQ(Hold(gateway, inside, "acme/search/key", 1).reason(), "OK");
  ASSERT_EQ(Hold(gateway, outside, "acme/ads", 1).reason(), "OK");
  const std::string auditor =
      server_.TokenOf("aud", Role::kAuditor, "acme/search");
  const auto ledger = [&](const std::string& request) {
    return server_.Call(auditor, "LedgerService/ListLedgerEntries", request)
        .As<v1::ListLedgerEntriesResponse>();
  };
  const auto all = ledger("root: 'acme'");
  ASSERT_EQ(all.entries_size(), 3);  // two allocations made, one hold
  for (const v1::LedgerEntry& entry : all.entries()) {
    EXPECT_THAT(entry.allocations(0), ::testing::StartsWith("acme/search"));
  }
  EXPECT_EQ(all.entries(2).actor(), "g");
  const auto foreign = ledger(absl::StrCat(
      "root: 'acme' page_size: 1 reservation_id: '", outside, "'"));
  EXPECT_EQ(foreign.entries_size(), 0);
  EXPECT_EQ(foreign.next_page_token(), "");
}

TEST_F(SecurityTest, ABatchIsCheckedPartByPart) {
  const std::string gateway =
      server_.TokenOf("g", Role::kGateway, "acme/search");
  const auto part = [&](const std::string& path) {
    return absl::StrCat("operations { reserve { reservation_id: '",
                        server_.NewId(), "' allocations: '", path, "' } } ");
  };
  const auto answer =
      server_
          .Call(gateway, "BudgetService/Batch",
                absl::StrCat(part("acme/search/key"), part("acme/ads"),
                             part("acme/add"), part("other"),
                             part("acme/search"), part("NO PATH")))
          .As<v1::BatchResponse>();
  ASSERT_EQ(answer.results_size(), 6);
  std::vector<std::string> reasons;
  for (const v1::BatchResult& result : answer.results()) {
    google::rpc::ErrorInfo info;
    for (const auto& detail : result.error().details()) detail.UnpackTo(&info);
    reasons.push_back(info.reason());
  }
  EXPECT_THAT(reasons,
              ElementsAre("", "ALLOCATION_NOT_FOUND", "ALLOCATION_NOT_FOUND",
                          "ALLOCATION_NOT_FOUND", "", "INVALID_FIELD"));
  // There is no acme/add.
  EXPECT_EQ(absl::StrReplaceAll(answer.results(1).error().SerializeAsString(),
                                {{"acme/ads", "acme/add"}}),
            answer.results(2).error().SerializeAsString());
}

TEST_F(SecurityTest, FiguresOfLimitsAboveAreHidden) {
  const std::string gateway =
      server_.TokenOf("g", Role::kGateway, "acme/search");
  const auto remaining =
      Query(gateway, "acme/search/key").As<v1::QueryRemainingResponse>();
  ASSERT_EQ(remaining.limits_size(), 3);
  EXPECT_EQ(remaining.limits(0).allocation(), "acme");
  EXPECT_TRUE(remaining.limits(0).figures_hidden());
  EXPECT_FALSE(remaining.limits(0).has_cap());
  EXPECT_EQ(remaining.limits(0).remaining(), 100);
  EXPECT_FALSE(remaining.limits(1).figures_hidden());
  EXPECT_EQ(remaining.limits(1).cap(), 60);

  ASSERT_EQ(Hold(server_.root_token(), server_.NewId(), "acme/ads", 40)
                .reason(),
            "OK");
  ASSERT_EQ(Hold(server_.root_token(), server_.NewId(), "acme", 37).reason(),
            "OK");
  const auto held = Hold(gateway, server_.NewId(), "acme/search/key", 20)
                        .As<v1::ReserveResponse>();
  ASSERT_EQ(held.limits_size(), 3);
  EXPECT_TRUE(held.limits(0).figures_hidden());
  EXPECT_EQ(held.limits(0).reserved(), 0);
  EXPECT_EQ(held.limits(0).remaining(), 3);
  for (const v1::ThresholdCrossing& crossing : held.thresholds_crossed()) {
    EXPECT_NE(crossing.allocation(), "acme");
  }

  const RawAnswer denied = Hold(gateway, server_.NewId(), "acme/search/key", 4);
  EXPECT_EQ(denied.reason(), "BUDGET_EXHAUSTED");
  EXPECT_THAT(denied.status.error_message(),
              HasSubstr("of acme has room for 3 tokens, 4 requested"));
  EXPECT_THAT(denied.status.error_message(), Not(HasSubstr("97")));
  google::rpc::Status error;
  ASSERT_TRUE(error.ParseFromString(denied.status.error_details()));
  google::rpc::QuotaFailure quota;
  google::rpc::ErrorInfo info;
  for (const auto& detail : error.details()) {
    detail.UnpackTo(&quota) || detail.UnpackTo(&info);
  }
  ASSERT_EQ(quota.violations_size(), 1);
  EXPECT_EQ(quota.violations(0).subject(), "acme");
  EXPECT_EQ(quota.violations(0).quota_value(), 0);
  EXPECT_THAT(quota.violations(0).description(), Not(HasSubstr("97")));
  EXPECT_EQ(info.metadata().at("affordable"), "3");
  EXPECT_EQ(info.metadata().count("cap"), 0u);
  EXPECT_EQ(info.metadata().count("reserved"), 0u);

  const auto seen = Query(server_.root_token(), "acme/search/key")
                        .As<v1::QueryRemainingResponse>();
  EXPECT_EQ(seen.limits(0).reserved(), 97);
}

// What is moved above the caller's subtree takes a role there.
TEST_F(SecurityTest, ABalanceIsNotAdjustedAboveTheCallersSubtree) {
  const std::string admin = server_.TokenOf("a", Role::kAdmin, "acme/search");
  const auto adjust = [&](const std::string& limit) {
    return server_
        .Call(admin, "BudgetAdmin/AdjustBalance",
              absl::StrCat("path: 'acme/search' limit: '", limit,
                           "' unit: UNIT_TOKENS amount: 1 reason: 'r' "
                           "request_id: '",
                           server_.NewId(), "'"))
        .reason();
  };
  EXPECT_EQ(adjust(""), "PERMISSION_DENIED");
  EXPECT_EQ(adjust("life"), "OK");
}

TEST_F(SecurityTest, TheActorIsThePrincipalWhateverTheCallerSays) {
  const auto stub = v1::BudgetAdmin::NewStub(server_.channel());
  for (const char* claimed : {"", "boss"}) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + server_.root_token());
    if (*claimed != 0) context.AddMetadata("budget-actor", claimed);
    v1::FreezeAllocationRequest request;
    request.set_path("acme/ads");
    request.set_reason("r");
    request.set_request_id(server_.NewId());
    v1::FreezeAllocationResponse response;
    ASSERT_TRUE(stub->FreezeAllocation(&context, request, &response).ok());
  }
  const auto ledger =
      server_
          .MustCall("LedgerService/ListLedgerEntries",
                    "root: 'acme' after_sequence: 5")
          .As<v1::ListLedgerEntriesResponse>();
  ASSERT_EQ(ledger.entries_size(), 2);
  EXPECT_EQ(ledger.entries(0).actor(), "root");
  EXPECT_EQ(ledger.entries(1).actor(), "root (boss)");
}

// Ends with an error once its caller may not have it any more.
class WatchingTest : public SecurityTest {
 protected:
  // What ends a stream on acme that is open when `change` happens.
  grpc::Status EndOf(const std::string& token,
                     const std::function<void()>& change) {
    const auto stub = v1::BudgetService::NewStub(server_.channel());
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    v1::WatchRemainingRequest request;
    request.set_allocation("acme");
    const auto reader = stub->WatchRemaining(&context, request);
    v1::WatchRemainingResponse message;
    EXPECT_TRUE(reader->Read(&message));
    change();
    while (reader->Read(&message)) {
    }
    return reader->Finish();
  }
};

TEST_F(WatchingTest, ARevokedTokenEndsItsStreams) {
  const auto made = Make("principal: 'dash' subtree: 'acme' role: ROLE_VIEWER");
  const grpc::Status end = EndOf(made.secret(), [&] {
    server_.MustCall("AccessService/RevokeToken",
                     absl::StrCat("token_id: '", made.token().token_id(), "'"));
  });
  EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(WatchingTest, AnExpiredTokenEndsItsStreams) {
  const auto made = Make(
      "principal: 'dash' subtree: 'acme' role: ROLE_VIEWER "
      "ttl { seconds: 60 }");
  const grpc::Status end = EndOf(
      made.secret(), [&] { server_.clock().Advance(absl::Seconds(60)); });
  EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(WatchingTest, ARemovedGrantEndsItsStreams) {
  const auto made = Make("principal: 'dash' subtree: 'acme' role: ROLE_VIEWER");
  server_.MustCall("AccessService/AddGrant",
                   "grant { principal: 'dash' role: ROLE_VIEWER "
                   "subtree: 'acme/ads' }");
  const grpc::Status end = EndOf(made.secret(), [&] {
    server_.MustCall("AccessService/RemoveGrant",
                     "grant { principal: 'dash' role: ROLE_VIEWER "
                     "subtree: 'acme' }");
  });
  EXPECT_EQ(end.error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace budget::testing
