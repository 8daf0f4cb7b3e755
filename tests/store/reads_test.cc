#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/store/store_contract.h"

namespace budget::testing {
namespace {

class ReadsTest : public StoreContract {
 protected:
  // acme, acme/a, acme/a/x, acme/a-b, acme/b, and zeta; one is archived.
  void MakeTree() {
    ASSERT_EQ(Change("acme",
                     [](WorkingSet& set, absl::Time now) {
                       for (const char* path : {"acme", "acme/b", "acme/a",
                                                "acme/a/x", "acme/a-b"}) {
                         Allocation made = AddAllocation(set, path, now);
                         made.archived = made.path == "acme/b";
                         set.catalog.Put(std::move(made));
                         AddLimit(set, path, LifetimeUsd("cap", 1000), now);
                       }
                     }),
              absl::OkStatus());
    ASSERT_EQ(Change("zeta",
                     [](WorkingSet& set, absl::Time now) {
                       AddAllocation(set, "zeta", now);
                     }),
              absl::OkStatus());
  }

  std::vector<std::string> Paths(AllocationFilter filter) {
    std::vector<std::string> paths;
    const auto page = store().ListAllocations(filter);
    EXPECT_TRUE(page.ok()) << page.status();
    for (const Allocation& allocation : page->items) {
      paths.push_back(allocation.path);
    }
    if (page->more) paths.push_back("...");
    return paths;
  }

  std::vector<UsageHistory::Item> HistoryOf(const std::string& path,
                                            const LimitSpec& spec) {
    LoadPlan plan = PlanForChain(path);
    plan.histories = {{.path = path, .limit = spec}};
    const auto set = Load(plan);
    const auto found = set->histories.find(HistoryKey(path, spec));
    EXPECT_NE(found, set->histories.end());
    return found == set->histories.end() ? std::vector<UsageHistory::Item>{}
                                         : found->second.items;
  }
};
BUDGET_ON_EVERY_STORE(ReadsTest);

using Strings = std::vector<std::string>;

TEST_P(ReadsTest, ListsAllocationsInPathOrder) {
  MakeTree();
  EXPECT_EQ(Paths({}),
            (Strings{"acme", "acme/a", "acme/a-b", "acme/a/x", "zeta"}));
  EXPECT_EQ(Paths({.include_archived = true}),
            (Strings{"acme", "acme/a", "acme/a-b", "acme/a/x", "acme/b",
                     "zeta"}));
  EXPECT_EQ(Paths({.under = "acme/a"}), (Strings{"acme/a", "acme/a/x"}));
  EXPECT_EQ(Paths({.page_size = 2}), (Strings{"acme", "acme/a", "..."}));
  EXPECT_EQ(Paths({.after = "acme/a", .page_size = 2}),
            (Strings{"acme/a-b", "acme/a/x", "..."}));
  EXPECT_EQ(Paths({.under = "nobody"}), Strings{});
}

TEST_P(ReadsTest, ListedAllocationsComeWithTheirLimits) {
  MakeTree();
  const auto page = store().ListAllocations({.under = "acme/a"});
  ASSERT_TRUE(page.ok());
  for (const Allocation& allocation : page->items) {
    EXPECT_EQ(page->catalog.LimitsOf(allocation).size(), 1u);
  }
}

TEST_P(ReadsTest, KnowsWhichHaveChildrenThatAreNotArchived) {
  MakeTree();
  LoadPlan plan = PlanForChain("acme");
  plan.children_of = {"acme", "acme/a", "acme/a-b", "acme/b", "nobody"};
  EXPECT_EQ(Load(plan)->with_children,
            (absl::flat_hash_set<std::string>{"acme", "acme/a"}));
}

TEST_P(ReadsTest, ListsReservationsNewestFirst) {
  MakeTree();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Change("acme/a/x",
                     [&](WorkingSet& set, absl::Time now) {
                       AddHold(set, IdOf(2 * i), "acme/a/x", 1, now);
                       AddHold(set, IdOf(2 * i + 1), "acme/a", 1, now);
                     }),
              absl::OkStatus());
  }
  ReservationFilter filter{.under = "acme", .page_size = 4};
  std::vector<Uuid> seen;
  for (bool more = true; more;) {
    const auto page = store().ListReservations(filter);
    ASSERT_TRUE(page.ok()) << page.status();
    more = page->more;
    for (const Reservation& reservation : page->items) {
      seen.push_back(reservation.id());
      filter.after = {reservation.terms->created_at, reservation.id()};
      EXPECT_EQ(reservation.payload().allocations.size(), 1u);
      for (const Pin& pin : reservation.pins) {
        EXPECT_NE(page->catalog.FindLimit(pin.limit), nullptr);
      }
    }
  }
  ASSERT_EQ(seen.size(), 6u);
  EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend()));
}

TEST_P(ReadsTest, FiltersReservationsByPathAndState) {
  MakeTree();
  ASSERT_EQ(Hold(IdOf(1), "acme/a/x", 1), absl::OkStatus());
  ASSERT_EQ(Hold(IdOf(2), "acme/a-b", 1), absl::OkStatus());
  ASSERT_EQ(SettleFor(IdOf(1), "acme", 1), absl::OkStatus());
  const auto count = [&](ReservationFilter filter) {
    const auto page = store().ListReservations(filter);
    EXPECT_TRUE(page.ok()) << page.status();
    return page->items.size();
  };
  EXPECT_EQ(count({.under = "acme"}), 2u);
  EXPECT_EQ(count({.under = "acme/a"}), 1u);
  EXPECT_EQ(count({.under = "acme", .state = ReservationState::kOpen}), 1u);
  EXPECT_EQ(count({.under = "acme/a", .state = ReservationState::kOpen}), 0u);
  EXPECT_EQ(count({.under = "acme/b"}), 0u);
  EXPECT_EQ(count({.under = "nobody"}), 0u);
}

TEST_P(ReadsTest, PagesTheLedger) {
  MakeTree();
  ASSERT_EQ(Hold(IdOf(1), "acme/a", 1), absl::OkStatus());
  ASSERT_EQ(SettleFor(IdOf(1), "acme", 1), absl::OkStatus());
  auto page = store().ListLedger({.root = "acme", .page_size = 5});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->items.size(), 5u);
  EXPECT_TRUE(page->more);
  page = store().ListLedger(
      {.root = "acme", .after_sequence = 5, .page_size = 100});
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->items.size(), 7u);
  EXPECT_EQ(page->items.front().sequence, 6);
  EXPECT_FALSE(page->more);
  page = store().ListLedger({.root = "acme", .reservation = IdOf(1)});
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items.back().kind, EntryKind::kSettle);
}

TEST_P(ReadsTest, TellsTheLastSequences) {
  MakeTree();
  const auto last =
      store().LastSequences({"acme", "zeta", "nobody", "it's {odd}"});
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(*last, (std::map<std::string, int64_t>{{"acme", 10}, {"zeta", 1}}));
}

TEST_P(ReadsTest, FindsTheRootsWithSomethingDue) {
  MakeTree();
  EXPECT_TRUE(store().RootsDue(10)->empty());
  ASSERT_EQ(Hold(IdOf(1), "zeta", 1, -absl::Seconds(1)), absl::OkStatus());
  ASSERT_EQ(Hold(IdOf(2), "acme/a", 1), absl::OkStatus());
  EXPECT_EQ(*store().RootsDue(10), Strings{"zeta"});
  ASSERT_EQ(Hold(IdOf(3), "acme/a", 1, -absl::Seconds(1)), absl::OkStatus());
  EXPECT_EQ(*store().RootsDue(10), (Strings{"acme", "zeta"}));
  EXPECT_EQ(store().RootsDue(1)->size(), 1u);
}

DenialCount Denial(const std::string& path, Reason reason, absl::CivilDay day) {
  DenialCount count;
  count.allocation = path;
  count.limit = "cap";
  count.reason = reason;
  count.day = day;
  count.denials = 2;
  count.requested.by_unit = {kAmountMax - 1, 5, 2};
  count.last_time = absl::FromUnixSeconds(1000);
  return count;
}

TEST_P(ReadsTest, DenialsAddUpAndSaturate) {
  const absl::CivilDay day(2026, 11, 21);
  const DenialCount one = Denial("acme/a", Reason::kBudgetExhausted, day);
  DenialCount later = one;
  later.last_time = absl::FromUnixSeconds(2000);
  ASSERT_EQ(store().AddDenials({one, later}), absl::OkStatus());
  ASSERT_EQ(store().AddDenials({one}), absl::OkStatus());
  ASSERT_EQ(store().AddDenials({}), absl::OkStatus());
  const auto page = store().ListDenials({.under = "acme"});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->items.size(), 1u);
  const DenialCount& sum = page->items[0];
  EXPECT_EQ(sum.allocation, "acme/a");
  EXPECT_EQ(sum.limit, "cap");
  EXPECT_EQ(sum.reason, Reason::kBudgetExhausted);
  EXPECT_EQ(sum.day, day);
  EXPECT_EQ(sum.denials, 6);
  EXPECT_EQ(sum.requested.by_unit, (std::array<int64_t, 3>{kAmountMax, 15, 6}));
  EXPECT_EQ(sum.last_time, later.last_time);
}

TEST_P(ReadsTest, DenialsWhoseCommitIsInDoubtAreNotCountedTwice) {
  if (GetParam().make == &NewMemoryKit) GTEST_SKIP() << "is never in doubt";
  const DenialCount one = Denial("acme", Reason::kBudgetExhausted,
                                 absl::CivilDay(2026, 11, 21));
  kit().FailNextCommit(CommitFault::kLostAfter);
  EXPECT_EQ(store().AddDenials({one}), absl::OkStatus());
  const auto page = store().ListDenials({.under = "acme"});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].denials, one.denials);
}

TEST_P(ReadsTest, ListsDenialsNewestDayFirst) {
  const absl::CivilDay day(2026, 11, 21);
  ASSERT_EQ(store().AddDenials(
                {Denial("acme", Reason::kWindowExhausted, day),
                 Denial("acme", Reason::kBudgetExhausted, day),
                 Denial("acme", Reason::kBudgetExhausted, day + 1),
                 Denial("acme-b", Reason::kBudgetExhausted, day)}),
            absl::OkStatus());
  const auto page = store().ListDenials({.under = "acme", .page_size = 2});
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->items[0].day, day + 1);
  EXPECT_EQ(page->items[1].reason, Reason::kBudgetExhausted);
  const auto rest = store().ListDenials({.under = "acme", .offset = 2});
  ASSERT_EQ(rest->items.size(), 1u);
  EXPECT_EQ(rest->items[0].reason, Reason::kWindowExhausted);
}

TEST_P(ReadsTest, PurgesOnlyWhatEndedLongAgoUnderAnOldId) {
  MakeAcme(1000);
  const absl::Time old = absl::Now() - absl::Hours(24 * 100);
  Uuid version4 = IdOf(3, old);
  version4.bytes[6] = 0x40 | (version4.bytes[6] & 0x0f);
  const std::vector<Uuid> ids = {IdOf(1, old), IdOf(2, old), version4, IdOf(4),
                                 IdOf(5, old), IdOf(6, old)};
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     for (const Uuid& id : ids) {
                       AddHold(set, id, "acme", 1, now);
                       SettleHold(set, id, 1, now);
                       Reservation& ended = set.reservations[id].reservation;
                       ended.terms.Edit().created_at = old;
                       ended.ended_at = old;
                     }
                     set.reservations[ids[4]].reservation.ended_at = now;
                     AddHold(set, IdOf(7, old), "acme", 1, now);
                   }),
            absl::OkStatus());
  EXPECT_EQ(*store().PurgeEnded(absl::Hours(24 * 90), 2), 2);
  EXPECT_EQ(*store().PurgeEnded(absl::Hours(24 * 90), 2), 1);
  EXPECT_EQ(*store().PurgeEnded(absl::Hours(24 * 90), 2), 0);
  EXPECT_EQ(store().ListReservations({.under = "acme"})->items.size(), 4u);
  ExpectVerifies("acme");
}

TEST_P(ReadsTest, HistoryOfALifetimeCountsAllUsageAtAndUnder) {
  MakeTree();
  const LimitSpec spec = LifetimeUsd("new", 5);
  EXPECT_TRUE(HistoryOf("acme/a", spec).empty());
  int n = 0;
  for (const char* path : {"acme/a", "acme/a/x", "acme/a-b", "acme"}) {
    const Uuid id = IdOf(++n);
    ASSERT_EQ(Hold(id, path, 10), absl::OkStatus());
    ASSERT_EQ(SettleFor(id, "acme", 7), absl::OkStatus());
  }
  const auto items = HistoryOf("acme/a", spec);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].window, 0);
  EXPECT_EQ(items[0].spent, 14);
  LimitSpec tokens = spec;
  tokens.unit = Unit::kTokens;
  EXPECT_TRUE(HistoryOf("acme/a", tokens).empty());
}

TEST_P(ReadsTest, HistoryPastTheLargestAmountIsSeenToBe) {
  MakeTree();
  ASSERT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time now) {
                     for (int i = 0; i < 9; ++i) {
                       LedgerEntry& entry =
                           AddEntry(set, now, EntryKind::kRecordUsage);
                       entry.allocations = {1};
                       entry.spent[Unit::kUsdNanos] = kAmountMax;
                       entry.overage[Unit::kTokens] = kAmountMax;
                     }
                   }),
            absl::OkStatus());
  LimitSpec spec = LifetimeUsd("new", std::nullopt);
  auto items = HistoryOf("acme", spec);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].spent, kAmountMax + 1);
  spec.unit = Unit::kTokens;
  items = HistoryOf("acme", spec);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].overage, kAmountMax + 1);
}

TEST_P(ReadsTest, HistoryBringsTheOpenReservationsAlong) {
  MakeTree();
  ASSERT_EQ(Hold(IdOf(1), "acme/a/x", 10), absl::OkStatus());
  ASSERT_EQ(Hold(IdOf(2), "acme/a-b", 10), absl::OkStatus());
  LoadPlan plan = PlanForChain("acme/a");
  plan.histories = {{.path = "acme/a", .limit = LifetimeUsd("new", 5)}};
  const auto set = Load(plan);
  EXPECT_EQ(set->reservations.size(), 1u);
  EXPECT_TRUE(set->reservations.contains(IdOf(1)));
}

TEST_P(ReadsTest, NoHistoryForALimitThatIsInForce) {
  MakeTree();
  ASSERT_EQ(Hold(IdOf(1), "acme/a/x", 10), absl::OkStatus());
  LoadPlan plan = PlanForChain("acme/a");
  plan.histories = {{.path = "acme/a", .limit = LifetimeUsd("cap", 5)}};
  plan.requests = {IdOf(1)};
  EXPECT_TRUE(Load(plan)->histories.empty());
  EXPECT_TRUE(Load(plan)->reservations.empty());
  // It may be removed before by another operation of the plan.
  plan.requests.insert(IdOf(2));
  EXPECT_EQ(Load(plan)->histories.size(), 1u);
  EXPECT_EQ(Load(plan)->reservations.size(), 1u);
}

TEST_P(ReadsTest, HistoryOfAWindowCountsWhatWasAdmittedInIt) {
  MakeTree();
  const absl::Duration hour = absl::Hours(1);
  absl::Time entered;
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     entered = now;
                     for (int ago = 0; ago < 72; ++ago) {
                       LedgerEntry& entry =
                           AddEntry(set, now, EntryKind::kSettle);
                       entry.allocations = {1};
                       if (ago > 0) entry.admitted_at = now - ago * hour;
                       entry.spent[Unit::kUsdNanos] = 1;
                       entry.overage[Unit::kUsdNanos] = 2;
                       entry.unpriced = 3;
                     }
                   }),
            absl::OkStatus());
  for (const Window& window :
       {Window::Calendar(CalendarPeriod::kDay, "UTC", absl::UTCTimeZone()),
        Window::Rolling(absl::Hours(30)), Window::Rolling(absl::Minutes(61))}) {
    LimitSpec spec = LifetimeUsd("new", 5);
    spec.window = window;
    LoadPlan plan = PlanForChain("acme");
    plan.histories = {{.path = "acme", .limit = spec}};
    const auto snapshot = store().Read(plan);
    ASSERT_TRUE(snapshot.ok());
    const WindowKey current = KeyAt(window, snapshot->read_time);
    std::map<WindowKey, int64_t> expected;
    for (int ago = 0; ago < 72; ++ago) {
      const WindowKey key = KeyAt(window, entered - ago * hour);
      const bool rolling = window.kind == WindowKind::kRolling;
      if (rolling ? IsLiveBucket(key, current) : key == current) {
        ++expected[key];
      }
    }
    std::map<WindowKey, int64_t> found;
    for (const auto& item :
         snapshot->set->histories.at(HistoryKey("acme", spec)).items) {
      found[item.window] = item.spent;
      EXPECT_EQ(item.overage, 2 * item.spent);
      EXPECT_EQ(item.unpriced, 3 * item.spent);
    }
    EXPECT_EQ(found, expected) << Describe(window);
  }
}

TEST_P(ReadsTest, VerifyKnowsNoOtherRoots) {
  EXPECT_EQ(store().Verify("nobody", {}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(ReadsTest, VerifyCounts) {
  MakeAcme(1000);
  ASSERT_EQ(Hold(IdOf(1), "acme", 10), absl::OkStatus());
  const auto report = store().Verify("acme", {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->entries, 3);
  EXPECT_EQ(report->counters, 1);
  EXPECT_EQ(report->reservations, 1);
  EXPECT_EQ(report->ledger_sequence, 3);
  EXPECT_EQ(report->discrepancies_total, 0);
}

TEST_P(ReadsTest, Pings) { EXPECT_EQ(store().Ping(), absl::OkStatus()); }

TEST_P(ReadsTest, ListsRootsInOrder) {
  MakeTree();
  EXPECT_EQ(store().Roots("", 10).value(), (Strings{"acme", "zeta"}));
  EXPECT_EQ(store().Roots("", 1).value(), Strings{"acme"});
  EXPECT_EQ(store().Roots("acme", 10).value(), Strings{"zeta"});
  EXPECT_EQ(store().Roots("zeta", 10).value(), Strings{});
}

TEST_P(ReadsTest, CountsWhatIsOpenInAllRoots) {
  EXPECT_EQ(store().ReadOpenHolds().value(), OpenHolds{});
  MakeTree();
  ASSERT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time now) {
                     AddHold(set, IdOf(1), "acme", 100, now);
                     AddHold(set, IdOf(2), "acme", 20, now);
                   }),
            absl::OkStatus());
  ASSERT_EQ(Change("zeta",
                   [](WorkingSet& set, absl::Time now) {
                     AddHold(set, IdOf(3), "zeta", 3, now);
                   }),
            absl::OkStatus());
  ASSERT_EQ(Change(PlanForReservation("acme", IdOf(2)),
                   [](WorkingSet& set, absl::Time now) {
                     SettleHold(set, IdOf(2), 5, now);
                   }),
            absl::OkStatus());
  const OpenHolds holds = store().ReadOpenHolds().value();
  EXPECT_EQ(holds.reservations, 2);
  EXPECT_EQ(holds.held[Unit::kUsdNanos], 103);
}

TEST_P(ReadsTest, TellsHowLongTheOldestHoldHasBeenDue) {
  MakeTree();
  EXPECT_EQ(store().LongestDue().value(), absl::ZeroDuration());
  ASSERT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time now) {
                     AddHold(set, IdOf(1), "acme", 1, now, absl::Hours(1));
                     AddHold(set, IdOf(2), "acme", 1, now, -absl::Hours(1));
                     AddHold(set, IdOf(3), "acme", 1, now, -absl::Hours(2));
                   }),
            absl::OkStatus());
  const absl::Duration due = store().LongestDue().value();
  EXPECT_GE(due, absl::Hours(2));
  EXPECT_LT(due, absl::Hours(3));
}

}  // namespace
}  // namespace budget::testing
