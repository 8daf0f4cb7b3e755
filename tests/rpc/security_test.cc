// What is shown to whom, and what a caller may touch, through a real server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "budget/v1/budget_admin.grpc.pb.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "budget/v1/ledger_service.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/rpc/security_fixture.h"

namespace budget::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST_F(SecurityTest, TheLedgerHidesBalancesAbove) {
  server_.MustCall("BudgetAdmin/AdjustBalance",
                   absl::StrCat("path: 'acme/search' unit: UNIT_TOKENS "
                                "amount: 7 reason: 'r' request_id: '",
                                server_.NewId(), "'"));
  const std::string auditor =
      server_.TokenOf("aud", Role::kAuditor, "acme/search");
  const auto ledger =
      server_
          .Call(auditor, "LedgerService/ListLedgerEntries", "root: 'acme'")
          .As<v1::ListLedgerEntriesResponse>();
  ASSERT_EQ(ledger.entries_size(), 3);
  const v1::LedgerEntry& adjusted = ledger.entries(2);
  EXPECT_EQ(adjusted.kind(), v1::LEDGER_ENTRY_KIND_ADJUST_BALANCE);
  std::vector<std::string> keys;
  for (const auto& detail : adjusted.details()) keys.push_back(detail.key());
  EXPECT_THAT(keys, ElementsAre("allocation", "amount", "reason",
                                "spent.acme/search.life_from",
                                "spent.acme/search.life_to"));
  EXPECT_THAT(adjusted.detail_json(), Not(HasSubstr("spent.acme.life")));
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

TEST_F(SecurityTest, TheLogSaysWhoCalled) {
  const std::string token = server_.TokenOf("dash", Role::kViewer, "acme");
  EXPECT_EQ(Query(token, "acme").reason(), "OK");
  EXPECT_EQ(server_.calls().last().principal, "dash");
  EXPECT_EQ(Query(token, "other").reason(), "ALLOCATION_NOT_FOUND");
  EXPECT_EQ(server_.calls().last().principal, "dash");
  EXPECT_EQ(Hold(token, server_.NewId(), "acme", 1).reason(),
            "PERMISSION_DENIED");
  EXPECT_EQ(server_.calls().last().principal, "dash");
  EXPECT_EQ(Query("bgt_unknown", "acme").reason(), "UNAUTHENTICATED");
  EXPECT_EQ(server_.calls().last().principal, "");
}

// Ends with an error once its caller may not have it any more.
using WatchingTest = SecurityTest;

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

TEST_F(WatchingTest, ARemovedGrantHidesWhatItShowed) {
  const std::string token =
      server_.TokenOf("dash", Role::kViewer, "acme/search");
  server_.Apply({AddGrant{{"dash", Role::kViewer, "acme"}}});
  const auto stub = v1::BudgetService::NewStub(server_.channel());
  grpc::ClientContext context;
  context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  v1::WatchRemainingRequest request;
  request.set_allocation("acme/search");
  const auto reader = stub->WatchRemaining(&context, request);
  v1::WatchRemainingResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_FALSE(message.remaining().limits(0).figures_hidden());
  server_.Apply({RemoveGrant{{"dash", Role::kViewer, "acme"}}});
  // One read may have been under way.
  for (int i = 0; i < 2; ++i) {
    server_.clock().Advance(absl::Seconds(2));
    Hold(server_.root_token(), server_.NewId(), "acme/search", 1);
    ASSERT_TRUE(reader->Read(&message));
  }
  EXPECT_EQ(message.remaining().limits(0).allocation(), "acme");
  EXPECT_TRUE(message.remaining().limits(0).figures_hidden());
  context.TryCancel();
}

}  // namespace
}  // namespace budget::testing
