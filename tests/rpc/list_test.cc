#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/rpc/rpc_fixture.h"

namespace budget::testing {
namespace {

class ListTest : public RpcTest {
 protected:
  void SetUp() override {
    Create(
        "path: 'acme' limits { name: 'cap' unit: UNIT_TOKENS cap: 1000 "
        "window { lifetime {} } }");
  }

  v1::ListReservationsResponse List(const std::string& text) {
    v1::ListReservationsResponse response;
    const grpc::Status status =
        Call(*budget_, &v1::BudgetService::Stub::ListReservations,
             FromText<v1::ListReservationsRequest>(text), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
};

TEST_F(ListTest, PagesHaveEveryReservationOnceNewestFirst) {
  std::vector<std::string> made;
  for (int i = 0; i < 7; ++i) {
    v1::ReserveResponse response;
    ASSERT_TRUE(Reserve("allocations: 'acme'", &response).ok());
    made.insert(made.begin(), response.reservation().reservation_id());
    clock_.Advance(absl::Milliseconds(1));
  }
  std::vector<std::string> read;
  std::string token;
  do {
    const auto page = List(absl::StrCat(
        "allocation: 'acme' page_size: 3 page_token: '", token, "'"));
    EXPECT_LE(page.reservations_size(), 3);
    for (const v1::Reservation& item : page.reservations()) {
      read.push_back(item.reservation_id());
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(read, made);
}

TEST_F(ListTest, ATokenIsOfNoUseWithOtherArguments) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Reserve("allocations: 'acme'").ok());
  const std::string token =
      List("allocation: 'acme' page_size: 1").next_page_token();
  ASSERT_NE(token, "");
  const grpc::Status status =
      Call(*budget_, &v1::BudgetService::Stub::ListReservations,
           FromText<v1::ListReservationsRequest>(absl::StrCat(
               "allocation: 'acme' page_size: 2 page_token: '", token, "'")));
  EXPECT_EQ(ErrorDetails(status).metadata("field"), "page_token");
}

TEST_F(ListTest, WhatIsOverdueIsShownAsExpired) {
  v1::ReserveResponse held;
  ASSERT_TRUE(Reserve("allocations: 'acme' amounts { tokens: 5 } "
                      "ttl { seconds: 10 } on_expiry: ON_EXPIRY_SETTLE_HELD",
                      &held)
                  .ok());
  clock_.Advance(absl::Seconds(11));
  const auto all = List("allocation: 'acme'");
  ASSERT_EQ(all.reservations_size(), 1);
  EXPECT_EQ(all.reservations(0).state(), v1::RESERVATION_STATE_EXPIRED);
  EXPECT_EQ(all.reservations(0).held().tokens(), 0);
  EXPECT_EQ(all.reservations(0).spent().tokens(), 5);
  EXPECT_EQ(List("allocation: 'acme' state: RESERVATION_STATE_OPEN")
                .reservations_size(),
            0);

  v1::GetReservationResponse read;
  ASSERT_TRUE(Call(*budget_, &v1::BudgetService::Stub::GetReservation,
                   FromText<v1::GetReservationRequest>(
                       absl::StrCat("root: 'acme' reservation_id: '",
                                    held.reservation().reservation_id(), "'")),
                   &read)
                  .ok());
  EXPECT_EQ(read.reservation().state(), v1::RESERVATION_STATE_EXPIRED);
  EXPECT_EQ(read.reservation().spent().tokens(), 5);
}

TEST_F(ListTest, LedgerHasOneEntryForEachChange) {
  v1::ReserveResponse held;
  ASSERT_TRUE(Reserve("allocations: 'acme' amounts { tokens: 5 }", &held).ok());
  ASSERT_TRUE(Settle(absl::StrCat("root: 'acme' actual { tokens: 3 } "
                                  "reservation_id: '",
                                  held.reservation().reservation_id(), "'"))
                  .ok());
  v1::ListLedgerEntriesResponse first;
  ASSERT_TRUE(
      Call(*ledger_, &v1::LedgerService::Stub::ListLedgerEntries,
           FromText<v1::ListLedgerEntriesRequest>("root: 'acme' page_size: 2"),
           &first)
          .ok());
  ASSERT_EQ(first.entries_size(), 2);
  EXPECT_EQ(first.entries(0).kind(), v1::LEDGER_ENTRY_KIND_CREATE_ALLOCATION);
  EXPECT_NE(first.entries(0).actor(), "");
  EXPECT_NE(first.entries(0).request_id(), "");
  EXPECT_EQ(first.entries(0).allocations(0), "acme");
  EXPECT_EQ(first.entries(1).kind(), v1::LEDGER_ENTRY_KIND_RESERVE);
  EXPECT_EQ(first.entries(1).reserved().tokens(), 5);
  ASSERT_EQ(first.entries(1).limit_windows_size(), 1);
  EXPECT_EQ(first.entries(1).limit_windows(0).limit(), "cap");
  v1::ListLedgerEntriesResponse second;
  ASSERT_TRUE(Call(*ledger_, &v1::LedgerService::Stub::ListLedgerEntries,
                   FromText<v1::ListLedgerEntriesRequest>(
                       absl::StrCat("root: 'acme' page_size: 2 page_token: '",
                                    first.next_page_token(), "'")),
                   &second)
                  .ok());
  ASSERT_EQ(second.entries_size(), 1);
  EXPECT_EQ(second.entries(0).sequence(), 3);
  EXPECT_EQ(second.entries(0).spent().tokens(), 3);
  EXPECT_EQ(second.entries(0).reserved().tokens(), -5);
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(ListTest, AnUnknownAllocationIsNoEmptyList) {
  const auto reason = [](const grpc::Status& status) {
    return ErrorDetails(status).reason();
  };
  EXPECT_EQ(reason(Call(*budget_, &v1::BudgetService::Stub::ListReservations,
                        FromText<v1::ListReservationsRequest>(
                            "allocation: 'acme/no'"))),
            "ALLOCATION_NOT_FOUND");
  EXPECT_EQ(
      reason(Call(*admin_, &v1::BudgetAdmin::Stub::ListAllocations,
                  FromText<v1::ListAllocationsRequest>("under: 'acme/no'"))),
      "ALLOCATION_NOT_FOUND");
  EXPECT_EQ(reason(Call(*ledger_, &v1::LedgerService::Stub::ListLedgerEntries,
                        FromText<v1::ListLedgerEntriesRequest>("root: 'no'"))),
            "ALLOCATION_NOT_FOUND");
  EXPECT_EQ(reason(Call(*ledger_, &v1::LedgerService::Stub::ListDenials,
                        FromText<v1::ListDenialsRequest>("allocation: 'no'"))),
            "ALLOCATION_NOT_FOUND");
  EXPECT_EQ(reason(Call(*ledger_, &v1::LedgerService::Stub::GetCheckpoint,
                        FromText<v1::GetCheckpointRequest>("root: 'no'"))),
            "ALLOCATION_NOT_FOUND");
  EXPECT_EQ(List("allocation: 'acme'").reservations_size(), 0);
}

TEST_F(ListTest, DenialsAreCountedByLimitAndReason) {
  EXPECT_FALSE(Reserve("allocations: 'acme' amounts { tokens: 2000 }").ok());
  EXPECT_FALSE(Reserve("allocations: 'acme' amounts { tokens: 3000 }").ok());
  ASSERT_TRUE(denials_.Flush().ok());
  v1::ListDenialsResponse response;
  ASSERT_TRUE(Call(*ledger_, &v1::LedgerService::Stub::ListDenials,
                   FromText<v1::ListDenialsRequest>("allocation: 'acme'"),
                   &response)
                  .ok());
  ASSERT_EQ(response.denials_size(), 1);
  EXPECT_EQ(response.denials(0).limit(), "cap");
  EXPECT_EQ(response.denials(0).reason(), "BUDGET_EXHAUSTED");
  EXPECT_EQ(response.denials(0).denials(), 2);
  EXPECT_EQ(response.denials(0).requested().tokens(), 5000);
  EXPECT_EQ(response.denials(0).day(), "2026-11-21");
}

TEST_F(ListTest, AllocationsOfSeveralRootsKeepTheirOwnLimits) {
  Create("path: 'acme/search' display_name: 'Search'");
  Create(
      "path: 'beta' limits { name: 'month' unit: UNIT_USD_NANOS "
      "window { calendar { period: CALENDAR_PERIOD_MONTH } } }");
  v1::ListAllocationsResponse all;
  ASSERT_TRUE(Call(*admin_, &v1::BudgetAdmin::Stub::ListAllocations,
                   v1::ListAllocationsRequest(), &all)
                  .ok());
  ASSERT_EQ(all.allocations_size(), 3);
  EXPECT_EQ(all.allocations(0).limits(0).name(), "cap");
  EXPECT_EQ(all.allocations(1).display_name(), "Search");
  EXPECT_EQ(all.allocations(1).limits_size(), 0);
  ASSERT_EQ(all.allocations(2).limits_size(), 1);
  EXPECT_EQ(all.allocations(2).limits(0).name(), "month");
  EXPECT_EQ(all.allocations(2).limits(0).window().calendar().time_zone(),
            "UTC");

  v1::ListAllocationsResponse page;
  ASSERT_TRUE(Call(*admin_, &v1::BudgetAdmin::Stub::ListAllocations,
                   FromText<v1::ListAllocationsRequest>("page_size: 2"), &page)
                  .ok());
  v1::ListAllocationsRequest next;
  next.set_page_size(2);
  next.set_page_token(page.next_page_token());
  ASSERT_TRUE(
      Call(*admin_, &v1::BudgetAdmin::Stub::ListAllocations, next, &page).ok());
  ASSERT_EQ(page.allocations_size(), 1);
  EXPECT_EQ(page.allocations(0).path(), "beta");
}

}  // namespace
}  // namespace budget::testing
