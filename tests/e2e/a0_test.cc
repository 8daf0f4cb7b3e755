// The failure this service exists to prevent: a fan-out of concurrent calls
// that each look affordable and together are not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <optional>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tests/e2e/cluster_fixture.h"
#include "tests/e2e/fake_upstream.h"

namespace budget {
namespace {

constexpr int kCalls = 20;
constexpr int64_t kCap = 10'000'000'000;   // $10
constexpr int64_t kBound = 700'000'000;    // $0.70 each: fourteen fit
constexpr int kFit = kCap / kBound;
constexpr int64_t kRollingSeconds = 600;
constexpr int64_t kBuckets = 60;

// What became of one call, and when it was asked.
struct CallOutcome {
  absl::Status status;
  absl::Time asked;
  absl::Time answered;
};

class A0Test : public ClusterTest {
 protected:
  void CreateAcme(const v1::Window& window) {
    v1::CreateAllocationRequest request;
    request.mutable_allocation()->set_path("acme");
    v1::Limit* limit = request.mutable_allocation()->add_limits();
    limit->set_name("hard");
    limit->set_unit(v1::UNIT_USD_NANOS);
    limit->set_cap(kCap);
    *limit->mutable_window() = window;
    const auto created = ClientAt(0).CreateAllocation(request, kPatient);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  static v1::ReserveRequest ReserveOf() {
    v1::ReserveRequest request;
    request.add_allocations("acme");
    request.mutable_amounts()->set_usd_nanos(kBound);
    return request;
  }

  // One gateway: asks, dispatches only if allowed, and settles in full once
  // every other has its answer, so that no hold makes room for another.
  CallOutcome RunGateway(int index, std::barrier<>& all_answered) {
    Client client = ClientOnly(index % kReplicas);
    v1::ReserveRequest request = ReserveOf();
    request.set_reservation_id(NewReservationId());
    CallOutcome outcome;
    outcome.asked = absl::Now();
    const auto held = client.Reserve(request, kPatient);
    outcome.answered = absl::Now();
    outcome.status = held.status();
    EXPECT_TRUE(!held.ok() || upstream_.Call());
    all_answered.arrive_and_wait();
    if (!held.ok()) return outcome;
    v1::SettleRequest settle;
    settle.set_reservation_id(request.reservation_id());
    settle.set_root("acme");
    settle.mutable_actual()->set_usd_nanos(kBound);
    const auto settled = client.Settle(settle, kPatient);
    EXPECT_TRUE(settled.ok()) << settled.status();
    return outcome;
  }

  std::vector<CallOutcome> FanOut() {
    std::barrier all_answered(kCalls);
    std::vector<CallOutcome> outcomes(kCalls);
    std::vector<std::thread> threads;
    for (int i = 0; i < kCalls; ++i) {
      threads.emplace_back(
          [&, i] { outcomes[i] = RunGateway(i, all_answered); });
    }
    for (std::thread& thread : threads) thread.join();
    return outcomes;
  }

  // Exactly those that fit were dispatched, and spend is exactly theirs.
  void ExpectOnlyThoseThatFit(const std::vector<CallOutcome>& outcomes) {
    const auto served =
        std::count_if(outcomes.begin(), outcomes.end(),
                      [](const CallOutcome& o) { return o.status.ok(); });
    EXPECT_EQ(served, kFit);
    EXPECT_EQ(upstream_.hits(), kFit);
    const replay::AuditResult audit = VerifiedLedger("acme");
    ASSERT_EQ(audit.limits.size(), 1u);
    EXPECT_EQ(audit.holds, kFit);
    EXPECT_EQ(audit.limits[0].peak, kFit * kBound);
    EXPECT_EQ(audit.limits[0].points.back().spent, kFit * kBound);
    EXPECT_EQ(audit.limits[0].points.back().reserved, 0);
    EXPECT_EQ(audit.limits[0].overage, 0);
  }

  // The first bucket that anything was held in.
  int64_t OldestBucket() {
    v1::ListLedgerEntriesRequest request;
    request.set_root("acme");
    request.set_page_size(1000);
    const auto entries = ClientAt(0).ListLedgerEntries(request, kPatient);
    EXPECT_TRUE(entries.ok()) << entries.status();
    int64_t oldest = INT64_MAX;
    if (!entries.ok()) return oldest;
    for (const v1::LedgerEntry& entry : entries->entries()) {
      if (entry.kind() != v1::LEDGER_ENTRY_KIND_RESERVE) continue;
      oldest = std::min(oldest, entry.limit_windows(0).window_key());
    }
    return oldest;
  }

  FakeUpstream upstream_;
};

TEST_F(A0Test, ALifetimeCapServesExactlyTheCallsThatFit) {
  v1::Window lifetime;
  lifetime.mutable_lifetime();
  ASSERT_NO_FATAL_FAILURE(CreateAcme(lifetime));
  const std::vector<CallOutcome> outcomes = FanOut();
  for (const CallOutcome& outcome : outcomes) {
    if (outcome.status.ok()) continue;
    const auto denial = DenialOf(outcome.status);
    ASSERT_TRUE(denial.has_value()) << outcome.status;
    EXPECT_EQ(denial->reason, DenialReason::kBudgetExhausted);
    EXPECT_FALSE(denial->retry_after.has_value());
    ASSERT_EQ(denial->violations.size(), 1u);
    EXPECT_EQ(denial->violations[0].allocation, "acme");
    EXPECT_EQ(denial->violations[0].limit, "hard");
    EXPECT_EQ(denial->violations[0].cap, kCap);
    EXPECT_EQ(denial->violations[0].requested, kBound);
    EXPECT_EQ(denial->violations[0].affordable, kCap - kFit * kBound);
  }
  ExpectOnlyThoseThatFit(outcomes);
}

TEST_F(A0Test, ARollingCapSaysExactlyWhenToComeBack) {
  v1::Window rolling;
  rolling.mutable_rolling()->mutable_duration()->set_seconds(kRollingSeconds);
  ASSERT_NO_FATAL_FAILURE(CreateAcme(rolling));
  std::vector<CallOutcome> outcomes = FanOut();
  // Once more when everything is settled: spent money ages out the same way.
  CallOutcome late{.status = {}, .asked = absl::Now(), .answered = {}};
  late.status = ClientAt(1).Reserve(ReserveOf(), kPatient).status();
  late.answered = absl::Now();
  EXPECT_FALSE(late.status.ok());

  // What was held in the oldest bucket stops to count when all of the bucket
  // is a full duration old; a call of the same size fits from then on.
  const absl::Time fits_at = absl::FromUnixSeconds(
      (OldestBucket() + kBuckets + 1) * kRollingSeconds / kBuckets);
  std::vector<CallOutcome> denied = outcomes;
  denied.push_back(late);
  for (const CallOutcome& outcome : denied) {
    if (outcome.status.ok()) continue;
    const auto denial = DenialOf(outcome.status);
    ASSERT_TRUE(denial.has_value()) << outcome.status;
    EXPECT_EQ(denial->reason, DenialReason::kWindowExhausted);
    ASSERT_TRUE(denial->retry_after.has_value());
    // The database decided at some moment between asking and answering.
    EXPECT_GE(*denial->retry_after, fits_at - outcome.answered);
    EXPECT_LE(*denial->retry_after, fits_at - outcome.asked);
  }
  ExpectOnlyThoseThatFit(outcomes);
}

}  // namespace
}  // namespace budget
