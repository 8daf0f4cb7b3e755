#include "server/store/postgres/seals_seen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "tests/store/hand_made.h"
#include "tests/store/store_kit.h"
#include "tests/support/postgres_fixture.h"

// A ledger that was changed and sealed anew agrees with itself: whoever has seen
// the seals of before tells.
namespace budget::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SealsSeenTest : public ::testing::Test {
 protected:
  SealsSeenTest() : uri_(FreshDatabase()), witness_(Open()) {
    AddEntries(true);
    EXPECT_EQ(witness_->SealLedgers("")->entries, 3);
    AddEntries();
    EXPECT_EQ(witness_->SealLedgers("")->entries, 2);
  }

  std::unique_ptr<Store> Open() { return OpenReplica(uri_); }

  // Two, and the making of "acme" before the first.
  void AddEntries(bool first = false) {
    const LoadPlan plan = PlanForChain("acme");
    EXPECT_EQ(witness_->Transact(
                  LaneOf("acme", kLanes), {&plan, 1},
                  [&](WorkingSets& sets, absl::Time now) {
                    WorkingSet& set = *sets.at(0);
                    if (first) AddAllocation(set, "acme", now);
                    for (int i = 0; i < 2; ++i) AddEntry(set, now).actor = "ann";
                  },
                  absl::Now() + absl::Seconds(60)),
              absl::OkStatus());
  }

  // What a superuser can do.
  void ChangeAnEntryAndDropTheSeals() {
    RunSql(uri_, "UPDATE budget.ledger SET actor = 'eve' WHERE sequence = 2; "
                 "DELETE FROM budget.seals");
  }

  using Findings = std::map<std::string, DiscrepancyKind>;
  static Findings FindingsOf(Store& store) {
    Findings findings;
    const absl::StatusOr<VerifyReport> report = store.Verify("acme", {});
    EXPECT_TRUE(report.ok()) << report.status();
    if (!report.ok()) return findings;
    for (const Discrepancy& each : report->discrepancies) {
      findings[each.subject] = each.kind;
    }
    return findings;
  }

  const std::string uri_;
  const std::unique_ptr<Store> witness_;
};

TEST_F(SealsSeenTest, ARootIsNotSealedAnew) {
  ChangeAnEntryAndDropTheSeals();
  for (int pass = 0; pass < 2; ++pass) {
    const SealProgress progress = *witness_->SealLedgers("");
    EXPECT_EQ(progress.entries, 0);
    EXPECT_THAT(progress.broken, ElementsAre("acme"));
  }
}

TEST_F(SealsSeenTest, VerifyTellsWhatAStrangerHasSealedAnew) {
  ChangeAnEntryAndDropTheSeals();
  const auto stranger = Open();
  ASSERT_EQ(stranger->SealLedgers("")->entries, 5);
  EXPECT_THAT(FindingsOf(*stranger), IsEmpty());
  EXPECT_EQ(FindingsOf(*witness_),
            (Findings{{"checkpoint at entry 5", DiscrepancyKind::kCheckpoint}}));
}

TEST_F(SealsSeenTest, WhatAStrangerHasSealedAnewIsNotGoneOnWith) {
  ChangeAnEntryAndDropTheSeals();
  ASSERT_EQ(Open()->SealLedgers("")->entries, 5);
  AddEntries();
  EXPECT_THAT(witness_->SealLedgers("")->broken, ElementsAre("acme"));
}

TEST_F(SealsSeenTest, OthersMaySealWhatComesNext) {
  AddEntries();
  ASSERT_EQ(Open()->SealLedgers("")->entries, 2);
  AddEntries();
  const SealProgress progress = *witness_->SealLedgers("");
  EXPECT_EQ(progress.entries, 2);
  EXPECT_THAT(progress.broken, IsEmpty());
  EXPECT_THAT(FindingsOf(*witness_), IsEmpty());
}

TEST(SealsSeen, RemembersTheLastOfEachRoot) {
  SealsSeen seen;
  EXPECT_EQ(seen.Of("acme"), std::nullopt);
  seen.Note("acme", {.first = 1, .head = {.sequence = 3}});
  seen.Note("beta", {.first = 1, .head = {.sequence = 9}});
  seen.Note("acme", {.first = 4, .head = {.sequence = 7}});
  EXPECT_EQ(seen.Of("acme")->first, 4);
  EXPECT_EQ(seen.Of("beta")->head.sequence, 9);
  seen.Forget();
  EXPECT_EQ(seen.Of("acme"), std::nullopt);
}

}  // namespace
}  // namespace budget::testing
