#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "tests/store/store_contract.h"

namespace budget::testing {
namespace {

class TransactTest : public StoreContract {
 protected:
  // Holds on "acme" that have expired.
  void AddDue(int count) {
    ASSERT_EQ(Change("acme",
                     [&](WorkingSet& set, absl::Time now) {
                       for (int i = 0; i < count; ++i) {
                         AddHold(set, IdOf(i), "acme", 1, now,
                                 -absl::Seconds(i));
                       }
                     }),
              absl::OkStatus());
  }
};
BUDGET_ON_EVERY_STORE(TransactTest);

TEST_P(TransactTest, KeepsWhatWasDecided) {
  MakeAcme(1000);
  EXPECT_EQ(Hold(IdOf(1), "acme", 300), absl::OkStatus());
  EXPECT_EQ(TallyOf("acme", 1), (Tally{.reserved = 300}));
  EXPECT_EQ(SettleFor(IdOf(1), "acme", 200), absl::OkStatus());
}

TEST_P(TransactTest, LoadsNothingOfARootThatDoesNotExist) {
  const std::unique_ptr<WorkingSet> set = Load("nobody/here");
  EXPECT_FALSE(set->root.exists);
  EXPECT_EQ(set->root.name, "nobody");
  EXPECT_TRUE(set->catalog.allocations().empty());
}

TEST_P(TransactTest, WritesNothingWithoutAnEntry) {
  MakeAcme(1000);
  EXPECT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time now) {
                     SetCap(set, 1, 1);
                     Move(set, {1, 0}, {.spent = 5}, now);
                   }),
            absl::OkStatus());
  const std::unique_ptr<WorkingSet> set = Load("acme");
  EXPECT_EQ(set->catalog.FindLimit(LimitId{1})->spec.cap, 1000);
  EXPECT_TRUE(set->counters.empty());
}

TEST_P(TransactTest, RemembersARequestThatChangedNothing) {
  MakeAcme(1000);
  EXPECT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time) {
                     set.new_requests[IdOf(1)] = {
                         .kind = EntryKind::kUnfreeze, .fingerprint = "it"};
                   }),
            absl::OkStatus());
  LoadPlan plan = PlanForChain("acme");
  plan.requests = {IdOf(1)};
  const std::unique_ptr<WorkingSet> set = Load(plan);
  EXPECT_TRUE(set->requests.contains(IdOf(1)));
  EXPECT_EQ(set->root.last_sequence, 2);
  ExpectVerifies("acme");
}

TEST_P(TransactTest, TimeNeverFallsWithinARoot) {
  MakeAcme(1000);
  const absl::Time future = absl::FromUnixSeconds(
      absl::ToUnixSeconds(absl::Now() + absl::Hours(1)));
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time) { AddEntry(set, future); }),
            absl::OkStatus());
  absl::Time seen;
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet&, absl::Time now) { seen = now; }),
            absl::OkStatus());
  EXPECT_EQ(seen, future);
}

TEST_P(TransactTest, RefusesAHoldPastTheCapAndChangesNothing) {
  MakeAcme(1000);
  ASSERT_EQ(Hold(IdOf(1), "acme", 900), absl::OkStatus());
  EXPECT_EQ(Hold(IdOf(2), "acme", 101).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(TallyOf("acme", 1), (Tally{.reserved = 900}));
  EXPECT_TRUE(Load(PlanForReservation("acme", IdOf(2)))->reservations.empty());
  EXPECT_EQ(Load("acme")->root.last_sequence, 3);
  EXPECT_EQ(Hold(IdOf(2), "acme", 100), absl::OkStatus());
  ExpectVerifies("acme");
}

TEST_P(TransactTest, RefusesAFirstHoldPastTheCap) {
  MakeAcme(1000);
  EXPECT_EQ(Hold(IdOf(1), "acme", 1001).code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(Load("acme")->counters.empty());
}

TEST_P(TransactTest, RefusesANegativeCounter) {
  MakeAcme(1000);
  ASSERT_EQ(Hold(IdOf(1), "acme", 10), absl::OkStatus());
  EXPECT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time now) {
                     AddEntry(set, now);
                     Move(set, {1, 0}, {.reserved = -11}, now);
                   })
                .code(),
            absl::StatusCode::kInternal);
}

TEST_P(TransactTest, CountsWithoutACapUpToTheLargestAmount) {
  MakeAcme(std::nullopt);
  EXPECT_EQ(Hold(IdOf(1), "acme", kAmountMax), absl::OkStatus());
  EXPECT_EQ(Hold(IdOf(2), "acme", 1).code(), absl::StatusCode::kInternal);
}

TEST_P(TransactTest, AfterACapCutUsageMayOnlyFall) {
  MakeAcme(1000);
  ASSERT_EQ(Hold(IdOf(1), "acme", 400), absl::OkStatus());
  ASSERT_EQ(Hold(IdOf(2), "acme", 400), absl::OkStatus());
  ASSERT_EQ(ChangeCap(500), absl::OkStatus());
  EXPECT_EQ(Hold(IdOf(3), "acme", 1).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(SettleFor(IdOf(1), "acme", 300), absl::OkStatus());  // 700
  EXPECT_EQ(Hold(IdOf(3), "acme", 1).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(SettleFor(IdOf(2), "acme", 100), absl::OkStatus());  // 400
  EXPECT_EQ(Hold(IdOf(3), "acme", 100), absl::OkStatus());
  EXPECT_EQ(Hold(IdOf(4), "acme", 1).code(), absl::StatusCode::kInternal);
  ExpectVerifies("acme");
}

TEST_P(TransactTest, ARaisedCapIsInForceInTheSameTransaction) {
  MakeAcme(100);
  ASSERT_EQ(Hold(IdOf(1), "acme", 100), absl::OkStatus());
  EXPECT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time now) {
                     SetCap(set, 1, 300);
                     AddEntry(set, now).caps = {{1, 300}};
                     AddHold(set, IdOf(2), "acme", 200, now);
                   }),
            absl::OkStatus());
  EXPECT_EQ(TallyOf("acme", 1).reserved, 300);
}

TEST_P(TransactTest, ACutAfterAHoldInTheSameTransactionIsAccepted) {
  MakeAcme(100);
  ASSERT_EQ(Hold(IdOf(1), "acme", 10), absl::OkStatus());
  EXPECT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time now) {
                     AddHold(set, IdOf(2), "acme", 90, now);
                     SetCap(set, 1, 50);
                     AddEntry(set, now).caps = {{1, 50}};
                   }),
            absl::OkStatus());
  EXPECT_EQ(Hold(IdOf(3), "acme", 1).code(), absl::StatusCode::kInternal);
}

TEST_P(TransactTest, AChangedCapReachesTheCountersOfEveryWindow) {
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddAllocation(set, "acme", now);
                     LimitSpec spec = LifetimeUsd("day", 10);
                     spec.window = Window::Calendar(CalendarPeriod::kDay, "UTC",
                                                    absl::UTCTimeZone());
                     AddLimit(set, "acme", spec, now);
                     for (const WindowKey day : {0, 86400}) {
                       LedgerEntry& entry = AddEntry(set, now);
                       entry.pins = {{1, day}};
                       entry.spent[Unit::kUsdNanos] = 10;
                       Move(set, {1, day}, {.spent = 10}, now);
                     }
                   }),
            absl::OkStatus());
  ASSERT_EQ(ChangeCap(20), absl::OkStatus());
  const Uuid id = IdOf(7);
  // A hold pinned to the first day brings that counter along.
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddHold(set, id, "acme", 0, now).pins = {{1, 0}};
                   }),
            absl::OkStatus());
  EXPECT_EQ(Change(PlanForReservation("acme", id),
                   [](WorkingSet& set, absl::Time now) {
                     ASSERT_TRUE(set.counters.contains(Pin{1, 0}));
                     LedgerEntry& entry = AddEntry(set, now);
                     entry.pins = {{1, 0}};
                     entry.spent[Unit::kUsdNanos] = 10;
                     Move(set, {1, 0}, {.spent = 10}, now);
                   }),
            absl::OkStatus());
}

// What was decided stands: decided anew, some operations would say that they
// came too late, or have a second effect.
TEST_P(TransactTest, ACommitInDoubtThatTookEffectIsNotRunAgain) {
  if (GetParam().make == &NewMemoryKit) GTEST_SKIP() << "is never in doubt";
  MakeAcme(1000);
  ASSERT_EQ(Hold(IdOf(1), "acme", 300), absl::OkStatus());
  kit().FailNextCommit(CommitFault::kLostAfter);
  int runs = 0;
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     ++runs;
                     AddHold(set, IdOf(1 + runs), "acme", 200, now);
                   }),
            absl::OkStatus());
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(TallyOf("acme", 1).reserved, 500);
  ExpectVerifies("acme");
}

TEST_P(TransactTest, AdjustedAndSettledTogetherInACommitInDoubt) {
  if (GetParam().make == &NewMemoryKit) GTEST_SKIP() << "is never in doubt";
  MakeAcme(1000);
  ASSERT_EQ(Hold(IdOf(1), "acme", 300), absl::OkStatus());
  const Operation adjust =
      AdjustReservation{.root = "acme", .id = IdOf(1), .held = {{400}}};
  const Operation settle =
      Settle{.root = "acme", .id = IdOf(1), .actual = {{350}}};
  const std::vector<const Operation*> operations = {&adjust, &settle};
  kit().FailNextCommit(CommitFault::kLostAfter);
  std::vector<Outcome> outcomes;
  ASSERT_EQ(Change(PlanFor(operations),
                   [&](WorkingSet& set, absl::Time now) {
                     outcomes = Decide(operations, now, {}, set);
                   }),
            absl::OkStatus());
  EXPECT_TRUE(outcomes[0].ok());
  EXPECT_NE(outcomes[0].ledger_sequence, 0);
  EXPECT_TRUE(outcomes[1].ok());
  EXPECT_EQ(TallyOf("acme", 1), (Tally{.spent = 350}));
  ExpectVerifies("acme");
}

TEST_P(TransactTest, ALostCommitIsRunAgain) {
  MakeAcme(1000);
  kit().FailNextCommit(CommitFault::kLostBefore);
  EXPECT_EQ(Hold(IdOf(1), "acme", 300), absl::OkStatus());
  EXPECT_EQ(TallyOf("acme", 1).reserved, 300);
  ExpectVerifies("acme");
}

TEST_P(TransactTest, RunsSeveralRootsOfALaneTogether) {
  std::vector<LoadPlan> plans;
  const int lane = LaneOf("root-0", store().lanes());
  for (int i = 0; plans.size() < 3; ++i) {
    const std::string root = absl::StrCat("root-", i);
    if (LaneOf(root, store().lanes()) == lane) {
      plans.push_back(PlanForChain(root));
    }
  }
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(store().Transact(
                  lane, plans,
                  [&](WorkingSets& sets, absl::Time now) {
                    for (size_t i = 0; i < sets.size(); ++i) {
                      const std::string& root = sets[i]->root.name;
                      ASSERT_EQ(root, plans[i].root);
                      if (!sets[i]->root.exists) {
                        AddAllocation(*sets[i], root, now);
                        AddLimit(*sets[i], root, LifetimeUsd("cap", 9), now);
                      }
                      AddHold(*sets[i], IdOf(round), root, 4, now);
                    }
                  },
                  Deadline()),
              absl::OkStatus());
  }
  for (const LoadPlan& plan : plans) {
    EXPECT_EQ(TallyOf(plan.root, 1).reserved, 8);
    ExpectVerifies(plan.root);
  }
}

TEST_P(TransactTest, RefusesADeadlineThatHasPassed) {
  if (GetParam().make == &NewMemoryKit) GTEST_SKIP() << "has no deadlines";
  const LoadPlan plan = PlanForChain("acme");
  EXPECT_EQ(store()
                .Transact(
                    0, {&plan, 1}, [](WorkingSets&, absl::Time) { FAIL(); },
                    absl::Now() - absl::Seconds(1))
                .code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_P(TransactTest, DueReservationsComeAlong) {
  MakeAcme(1000);
  ASSERT_EQ(Hold(IdOf(1), "acme", 1, -absl::Seconds(1)), absl::OkStatus());
  ASSERT_EQ(Hold(IdOf(2), "acme", 1), absl::OkStatus());
  ASSERT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time) {
                     EXPECT_TRUE(set.reservations.contains(IdOf(1)));
                     EXPECT_FALSE(set.reservations.contains(IdOf(2)));
                   }),
            absl::OkStatus());
  EXPECT_TRUE(Load("acme")->reservations.contains(IdOf(1)));
}

TEST_P(TransactTest, ReservationsThatBecomeDueLaterComeAlongThen) {
  MakeAcme(1000);
  // Due in turns, so that the next time of expiry has to be found anew.
  for (int i = 1; i <= 3; ++i) {
    ASSERT_EQ(Hold(IdOf(i), "acme", 1, -absl::Milliseconds(i)),
              absl::OkStatus());
    ASSERT_EQ(Hold(IdOf(100 + i), "acme", 1), absl::OkStatus());
    ASSERT_EQ(Change("acme",
                     [&](WorkingSet& set, absl::Time now) {
                       EXPECT_TRUE(set.reservations.contains(IdOf(i)));
                       ExpireDue(now, set);
                     }),
              absl::OkStatus());
  }
  EXPECT_EQ(TallyOf("acme", 1).reserved, 3);
  ExpectVerifies("acme");
}

TEST_P(TransactTest, EndsAllThatIsDueWhereTheWorkDependsOnIt) {
  MakeAcme(1000);
  AddDue(5 * kDueMax + 3);
  int64_t reserved = -1;
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     ExpireDue(now, set);
                     set.undecided = set.more_due;
                     reserved = set.counters[{1, 0}].counter.tally.reserved;
                   }),
            absl::OkStatus());
  EXPECT_EQ(reserved, 0);
  EXPECT_EQ(TallyOf("acme", 1).reserved, 0);
  ExpectVerifies("acme");
}

TEST_P(TransactTest, WhatIsDueIsEndedByAndByWhereNothingDependsOnIt) {
  MakeAcme(1000);
  AddDue(5 * kDueMax + 3);
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(Change("acme",
                     [](WorkingSet& set, absl::Time now) {
                       ExpireDue(now, set);
                     }),
              absl::OkStatus());
    ExpectVerifies("acme");
  }
  EXPECT_EQ(TallyOf("acme", 1).reserved, 0);
}

// Eight threads of 20 holds each; those that would not fit see it in time.
void HoldInThreads(Store& store, const std::vector<std::string>& roots) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const std::string& root = roots[t % roots.size()];
      for (int i = 0; i < 20; ++i) {
        LoadPlan plan = PlanForChain(root);
        const Uuid id = IdOf(t * 100 + i);
        plan.reservations.insert(id);
        const absl::Status status = store.Transact(
            LaneOf(root, store.lanes()), {&plan, 1},
            [&](WorkingSets& sets, absl::Time now) {
              WorkingSet& set = *sets[0];
              if (set.reservations.contains(id)) return;
              const Pin pin{1, 0};
              const bool fits =
                  !set.counters.contains(pin) ||
                  set.counters[pin].counter.tally.Usage() + 10 <= 500;
              if (fits) AddHold(set, id, root, 10, now);
            },
            absl::Now() + absl::Seconds(60));
        EXPECT_EQ(status, absl::OkStatus());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(TransactTest, ThreadsOnOneLaneNeverPassTheCap) {
  MakeAcme(500);
  HoldInThreads(store(), {"acme"});
  EXPECT_EQ(TallyOf("acme", 1).reserved, 500);
  ExpectVerifies("acme");
}

TEST_P(TransactTest, ThreadsOnSeveralLanesAllGetThrough) {
  std::vector<std::string> roots;
  for (int i = 0; i < 4; ++i) {
    roots.push_back(absl::StrCat("root-", i));
    ASSERT_EQ(Change(roots.back(),
                     [&](WorkingSet& set, absl::Time now) {
                       AddAllocation(set, roots.back(), now);
                       AddLimit(set, roots.back(), LifetimeUsd("cap", 500),
                                now);
                     }),
              absl::OkStatus());
  }
  HoldInThreads(store(), roots);
  for (const std::string& root : roots) {
    EXPECT_EQ(TallyOf(root, 1).reserved, 400);
    ExpectVerifies(root);
  }
}

}  // namespace
}  // namespace budget::testing
