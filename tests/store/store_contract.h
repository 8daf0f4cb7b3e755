#ifndef BUDGET_TESTS_STORE_STORE_CONTRACT_H_
#define BUDGET_TESTS_STORE_STORE_CONTRACT_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "server/domain/path.h"
#include "tests/store/hand_made.h"
#include "tests/store/store_kit.h"

namespace budget::testing {

// Cases that every store must pass.
class StoreContract : public ::testing::TestWithParam<KitFactory> {
 protected:
  StoreContract() : kit_(GetParam().make()) {}

  // Whatever a case did, the books must agree, unless it says why not.
  void TearDown() override {
    if (!books_are_right_) return;
    const auto roots = store().ListAllocations(
        {.include_archived = true, .page_size = 1000});
    ASSERT_TRUE(roots.ok()) << roots.status();
    for (const Allocation& allocation : roots->items) {
      if (RootOf(allocation.path) == allocation.path) {
        ExpectVerifies(allocation.path);
      }
    }
  }

  Store& store() { return kit_->store(); }
  StoreKit& kit() { return *kit_; }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(60); }

  using Body = std::function<void(WorkingSet&, absl::Time)>;

  // Runs `body` on one root.
  absl::Status Change(const LoadPlan& plan, const Body& body) {
    return store().Transact(
        LaneOf(plan.root, store().lanes()), {&plan, 1},
        [&](WorkingSets& sets, absl::Time now) { body(*sets.at(0), now); },
        Deadline());
  }
  absl::Status Change(const std::string& path, const Body& body) {
    return Change(PlanForChain(path), body);
  }

  // The set that `plan` loads.
  std::unique_ptr<WorkingSet> Load(const LoadPlan& plan) {
    absl::StatusOr<Snapshot> snapshot = store().Read(plan);
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return std::move(snapshot->set);
  }
  std::unique_ptr<WorkingSet> Load(const std::string& path) {
    return Load(PlanForChain(path));
  }

  // Creates the root "acme" with a lifetime limit "cap" in USD.
  void MakeAcme(std::optional<int64_t> cap) {
    ASSERT_EQ(Change("acme",
                     [&](WorkingSet& set, absl::Time now) {
                       AddAllocation(set, "acme", now);
                       AddLimit(set, "acme", LifetimeUsd("cap", cap), now);
                     }),
              absl::OkStatus());
  }

  absl::Status Hold(const Uuid& id, const std::string& path, int64_t usd_nanos,
                    absl::Duration ttl = absl::Minutes(10)) {
    LoadPlan plan = PlanForChain(path);
    plan.reservations.insert(id);
    return Change(plan, [&](WorkingSet& set, absl::Time now) {
      if (set.reservations.contains(id)) return;  // a replay
      AddHold(set, id, path, usd_nanos, now, ttl);
    });
  }

  absl::Status SettleFor(const Uuid& id, const std::string& root,
                         int64_t usd_nanos) {
    return Change(PlanForReservation(root, id),
                  [&](WorkingSet& set, absl::Time now) {
                    SettleHold(set, id, usd_nanos, now);
                  });
  }

  // Sets the cap of limit 1 of "acme".
  absl::Status ChangeCap(std::optional<int64_t> cap) {
    return Change("acme", [&](WorkingSet& set, absl::Time now) {
      SetCap(set, 1, cap);
      AddEntry(set, now, EntryKind::kSetLimit).caps = {{1, cap}};
    });
  }

  Tally TallyOf(const std::string& path, LimitId limit, WindowKey window = 0) {
    const std::unique_ptr<WorkingSet> set = Load(path);
    const auto slot = set->counters.find({limit, window});
    return slot == set->counters.end() ? Tally{} : slot->second.counter.tally;
  }

  // For cases that write what no engine would.
  void DoNotVerify() { books_are_right_ = false; }

  void ExpectVerifies(const std::string& root) {
    const absl::StatusOr<VerifyReport> report = store().Verify(root, {});
    ASSERT_TRUE(report.ok()) << report.status();
    for (const Discrepancy& found : report->discrepancies) {
      ADD_FAILURE() << found.subject << ": ledger " << found.ledger
                    << ", stored " << found.stored;
    }
    EXPECT_EQ(report->discrepancies_total, 0);
  }

 private:
  std::unique_ptr<StoreKit> kit_;
  bool books_are_right_ = true;
};

#define BUDGET_ON_EVERY_STORE(suite)                                    \
  INSTANTIATE_TEST_SUITE_P(                                             \
      Stores, suite,                                                    \
      ::testing::Values(KitFactory{"Memory", &NewMemoryKit},            \
                        KitFactory{"Postgres", &NewPostgresKit},        \
                        KitFactory{"PostgresService",                   \
                                   &NewPostgresServiceKit}),            \
      [](const ::testing::TestParamInfo<KitFactory>& info) {            \
        return std::string(info.param.name);                            \
      })

}  // namespace budget::testing

#endif  // BUDGET_TESTS_STORE_STORE_CONTRACT_H_
