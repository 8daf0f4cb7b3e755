#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/store/store_contract.h"

namespace budget::testing {
namespace {

// Sealing and its reads, which every store has.
class SealsTest : public StoreContract {
 protected:
  SealProgress Seal(const std::string& after = "") {
    const absl::StatusOr<SealProgress> progress = store().SealLedgers(after);
    EXPECT_TRUE(progress.ok()) << progress.status();
    return *progress;
  }
  ChainHead Head(const std::string& root) {
    const absl::StatusOr<SealedHead> sealed = store().ReadSealed(root);
    EXPECT_TRUE(sealed.ok()) << sealed.status();
    return sealed->head;
  }
  VerifyReport VerifyAgainst(std::vector<ChainHead> checkpoints) {
    const absl::StatusOr<VerifyReport> report =
        store().Verify("acme", {.checkpoints = std::move(checkpoints)});
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  }
  void MakeEntries(int entries) {
    ASSERT_EQ(Change("acme",
                     [&](WorkingSet& set, absl::Time now) {
                       for (int i = 0; i < entries; ++i) AddEntry(set, now);
                     }),
              absl::OkStatus());
  }
};

BUDGET_ON_EVERY_STORE(SealsTest);

TEST_P(SealsTest, SealsWhatHasNoSealYet) {
  EXPECT_EQ(Seal().entries, 0);
  MakeAcme(1000);
  ASSERT_EQ(Hold(IdOf(1), "acme", 10), absl::OkStatus());
  EXPECT_EQ(Seal().entries, 3);
  EXPECT_EQ(Seal().entries, 0);
  ASSERT_EQ(SettleFor(IdOf(1), "acme", 7), absl::OkStatus());
  EXPECT_EQ(Seal().entries, 1);
  const absl::StatusOr<VerifyReport> report = store().Verify("acme", {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->seals, 2);
  EXPECT_EQ(report->sealed_sequence, 4);
}

TEST_P(SealsTest, TheHeadIsTheChainOfTheLedger) {
  MakeAcme(1000);
  EXPECT_EQ(Head("acme"), ChainHead());
  Seal();
  ASSERT_EQ(Hold(IdOf(1), "acme", 10), absl::OkStatus());
  Seal();
  const auto ledger = store().ListLedger({.root = "acme"});
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  ChainHead expected;
  for (const LedgerEntry& entry : ledger->items) {
    expected = Extend(expected, DigestOf("acme", entry));
  }
  EXPECT_EQ(Head("acme"), expected);
  EXPECT_EQ(store().ReadSealed("nobody").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(SealsTest, GoesOverAllRootsInOrder) {
  std::set<std::string> roots;
  for (int i = 0; i < 70; ++i) {
    const std::string root = absl::StrCat("r", 100 + i);
    ASSERT_EQ(Change(root,
                     [&](WorkingSet& set, absl::Time now) {
                       AddAllocation(set, root, now);
                     }),
              absl::OkStatus());
    roots.insert(root);
  }
  int64_t entries = 0;
  std::string after;
  do {
    const SealProgress progress = Seal(after);
    EXPECT_TRUE(progress.next_after.empty() || progress.next_after > after);
    entries += progress.entries;
    after = progress.next_after;
  } while (!after.empty());
  EXPECT_EQ(entries, 70);
  for (const std::string& root : roots) EXPECT_EQ(Head(root).sequence, 1);
}

TEST_P(SealsTest, AManyTimesLongerLedgerTakesSomePasses) {
  MakeAcme(1000);
  MakeEntries(10'000);
  int passes = 0;
  while (Seal().entries > 0) ++passes;
  EXPECT_GT(passes, 2);
  EXPECT_EQ(Head("acme").sequence, 10'002);
}

TEST_P(SealsTest, ComparesWithCheckpoints) {
  MakeAcme(1000);
  Seal();
  ChainHead checkpoint = Head("acme");
  EXPECT_EQ(VerifyAgainst({checkpoint}).discrepancies_total, 0);
  checkpoint.hash[0] ^= 1;
  const VerifyReport report = VerifyAgainst({checkpoint});
  ASSERT_EQ(report.discrepancies_total, 1);
  EXPECT_EQ(report.discrepancies[0].kind, DiscrepancyKind::kCheckpoint);
}

TEST_P(SealsTest, ComparesWithAllThatIsKnownElsewhereAtOnce) {
  MakeAcme(1000);
  Seal();
  ChainHead checkpoint = Head("acme");
  checkpoint.hash[0] ^= 1;
  const absl::StatusOr<VerifyReport> report = store().Verify(
      "acme", {.entries = {{.sequence = 7}}, .checkpoints = {checkpoint}});
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->discrepancies_total, 2);
  EXPECT_EQ(report->discrepancies[0].kind, DiscrepancyKind::kCheckpoint);
  EXPECT_EQ(report->discrepancies[1].kind, DiscrepancyKind::kBooks);
  EXPECT_EQ(report->discrepancies[1].subject, "entries 3 to 7");
}

// What is purged are reservations: the ledger stays, and its chain with it.
TEST_P(SealsTest, PurgesTakeNothingFromTheChain) {
  MakeAcme(1000);
  const Uuid old = IdOf(1, absl::Now() - absl::Hours(24 * 100));
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddHold(set, old, "acme", 1, now);
                     SettleHold(set, old, 1, now);
                     Reservation& ended = set.reservations[old].reservation;
                     ended.terms.Edit().created_at = *old.Time();
                     ended.ended_at = *old.Time();
                   }),
            absl::OkStatus());
  Seal();
  EXPECT_EQ(*store().PurgeEnded(absl::Hours(24 * 90), 10), 1);
  EXPECT_EQ(VerifyAgainst({Head("acme")}).discrepancies_total, 0);
}

}  // namespace
}  // namespace budget::testing
