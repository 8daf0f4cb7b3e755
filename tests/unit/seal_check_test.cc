#include "server/domain/seal_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

using Kind = DiscrepancyKind;

// Twelve entries under three seals of four each.
class SealCheckTest : public testing::Test {
 protected:
  SealCheckTest() {
    for (int i = 1; i <= 12; ++i) {
      LedgerEntry entry{.sequence = i, .at = absl::FromUnixSeconds(i)};
      entry.detail = {{"n", absl::StrCat(i)}};
      ledger_.push_back(entry);
    }
    SealUpTo(4);
    SealUpTo(8);
    SealUpTo(12);
  }

  void SealUpTo(int64_t last) {
    Sealing sealing("acme", Head());
    for (const LedgerEntry& entry : ledger_) {
      if (entry.sequence <= last) sealing.Add(entry);
    }
    seals_.push_back(sealing.seal());
  }

  ChainHead Head() const {
    if (seals_.empty()) return {};
    return {seals_.back().last, seals_.back().hash};
  }
  // The chain after entry 4 or 8.
  ChainHead HeadAt(int64_t sequence) const {
    const Seal& seal = seals_[sequence / 4 - 1];
    return {seal.last, seal.hash};
  }

  LedgerEntry& Entry(int64_t sequence) { return ledger_[sequence - 1]; }
  void Erase(int64_t sequence) {
    ledger_.erase(ledger_.begin() + (sequence - 1));
  }

  // What is found, as "kind subject", in order.
  std::vector<std::pair<Kind, std::string>> Findings(
      std::vector<ChainHead> checkpoints = {}) {
    report_ = {};
    size_t next = 0;
    SealCheck check(
        "acme",
        [&]() -> std::optional<Seal> {
          if (next == seals_.size()) return std::nullopt;
          return seals_[next++];
        },
        checkpoints, report_);
    for (const LedgerEntry& entry : ledger_) check.Add(entry);
    check.Finish();
    std::vector<std::pair<Kind, std::string>> findings;
    for (const Discrepancy& found : report_.discrepancies) {
      findings.emplace_back(found.kind, found.subject);
    }
    return findings;
  }

  using Expected = std::vector<std::pair<Kind, std::string>>;

  std::vector<LedgerEntry> ledger_;
  std::vector<Seal> seals_;
  VerifyReport report_;
};

TEST_F(SealCheckTest, FindsNothingWhereNothingWasChanged) {
  EXPECT_EQ(Findings({HeadAt(4), HeadAt(8)}), Expected());
  EXPECT_EQ(report_.seals, 3);
  EXPECT_EQ(report_.sealed_sequence, 12);
}

TEST_F(SealCheckTest, SaysHowFarALedgerIsSealed) {
  seals_.pop_back();
  EXPECT_EQ(Findings(), Expected());
  EXPECT_EQ(report_.sealed_sequence, 8);
  seals_.clear();
  EXPECT_EQ(Findings(), Expected());
  EXPECT_EQ(report_.sealed_sequence, 0);
}

TEST_F(SealCheckTest, NamesEachEntryThatWasChanged) {
  Entry(2).actor = "mallory";
  Entry(3).spent[Unit::kTokens] += 1;
  Entry(10).kind = EntryKind::kFreeze;
  EXPECT_EQ(Findings(), (Expected{{Kind::kRowChanged, "entry 2"},
                                  {Kind::kRowChanged, "entry 3"},
                                  {Kind::kRowChanged, "entry 10"}}));
}

TEST_F(SealCheckTest, NamesAnEntryThatIsMissing) {
  Erase(6);
  EXPECT_EQ(Findings(), (Expected{{Kind::kRowMissing, "entry 6"}}));
}

TEST_F(SealCheckTest, NamesAnEntryThatCannotBeRead) {
  SealCheck check(
      "acme", [] { return std::optional<Seal>(); }, {}, report_);
  check.AddUnreadable(1);
  check.Finish();
  ASSERT_EQ(report_.discrepancies_total, 1);
  EXPECT_EQ(report_.discrepancies[0].subject, "entry 1");
  EXPECT_EQ(report_.discrepancies[0].kind, Kind::kRowChanged);
}

TEST_F(SealCheckTest, NamesEntriesOfTheEndThatAreMissing) {
  Erase(12);
  Erase(11);
  EXPECT_EQ(Findings(), (Expected{{Kind::kRowMissing, "entry 11"},
                                  {Kind::kRowMissing, "entry 12"}}));
}

TEST_F(SealCheckTest, NamesEntriesThatHaveChangedPlaces) {
  std::swap(Entry(6), Entry(7));
  std::swap(Entry(6).sequence, Entry(7).sequence);
  EXPECT_EQ(Findings(), (Expected{{Kind::kRowMoved, "entry 6"},
                                  {Kind::kRowMoved, "entry 7"}}));
  EXPECT_EQ(report_.discrepancies[0].stored,
            "it holds what was sealed as entry 7");
}

TEST_F(SealCheckTest, NamesEntriesThatWereMovedByAnInsertedOne) {
  LedgerEntry inserted = Entry(10);
  inserted.detail = {{"n", "forged"}};
  ledger_.insert(ledger_.begin() + 9, inserted);
  for (size_t i = 10; i < ledger_.size(); ++i) ++ledger_[i].sequence;
  EXPECT_EQ(Findings(), (Expected{{Kind::kRowChanged, "entry 10"},
                                  {Kind::kRowMoved, "entry 11"},
                                  {Kind::kRowMoved, "entry 12"}}));
}

TEST_F(SealCheckTest, NamesASealWhoseHashWasChanged) {
  seals_[1].hash[31] ^= 1;
  EXPECT_EQ(Findings(),
            (Expected{{Kind::kSealChanged, "seal of entries 5 to 8"}}));
}

TEST_F(SealCheckTest, NamesASealWhoseMarksWereChanged) {
  seals_[2].marks[9] ^= 1;
  EXPECT_EQ(Findings(),
            (Expected{{Kind::kSealChanged, "seal of entries 9 to 12"}}));
}

TEST_F(SealCheckTest, NamesASealOfOtherEntriesThanItsMarks) {
  for (Seal wrong : {Seal{.first = 5, .last = 9}, Seal{.first = 5, .last = 4},
                     Seal{.first = -5, .last = 8},
                     Seal{.first = 5, .last = INT64_MAX},
                     Seal{.first = INT64_MAX, .last = INT64_MIN}}) {
    wrong.hash = seals_[1].hash;
    wrong.marks = seals_[1].marks;
    const Seal right = std::exchange(seals_[1], wrong);
    EXPECT_EQ(Findings(),
              (Expected{{Kind::kSealChanged,
                         absl::StrCat("seal of entries ", wrong.first, " to ",
                                      wrong.last)},
                        {Kind::kSealMissing, "seal of entries 5 to 8"}}));
    seals_[1] = right;
  }
}

TEST_F(SealCheckTest, NamesASealThatCoversWhatHasOne) {
  seals_.push_back(seals_[1]);
  std::swap(seals_[2], seals_[3]);
  EXPECT_EQ(Findings(),
            (Expected{{Kind::kSealChanged, "seal of entries 5 to 8"}}));
}

TEST_F(SealCheckTest, NamesASealThatIsMissing) {
  seals_.erase(seals_.begin() + 1);
  EXPECT_EQ(Findings(),
            (Expected{{Kind::kSealMissing, "seal of entries 5 to 8"}}));
  // The chain goes on through the entries all the same.
  Entry(6).actor = "mallory";
  EXPECT_EQ(Findings().back(),
            std::pair(Kind::kSealChanged,
                      std::string("seal of entries 9 to 12")));
}

TEST_F(SealCheckTest, WhoMakesAllSealsAnewIsFoundByACheckpointOnly) {
  const ChainHead before = HeadAt(4);
  const ChainHead after = HeadAt(8);
  Entry(6).actor = "mallory";
  seals_.resize(1);
  SealUpTo(12);
  EXPECT_EQ(Findings(), Expected());
  EXPECT_EQ(Findings({before}), Expected());
  EXPECT_EQ(Findings({after, before}),
            (Expected{{Kind::kCheckpoint, "checkpoint at entry 8"}}));
}

TEST_F(SealCheckTest, AnEndThatWasCutOffIsFoundByACheckpointOnly) {
  const ChainHead end = Head();
  ledger_.resize(8);
  seals_.resize(2);
  EXPECT_EQ(Findings(), Expected());
  EXPECT_EQ(Findings({end}),
            (Expected{{Kind::kCheckpoint, "checkpoint at entry 12"}}));
  EXPECT_EQ(report_.discrepancies[0].stored,
            "the ledger ends at entry 8: what followed was removed");
}

TEST_F(SealCheckTest, CheckpointsAreComparedBetweenSealsToo) {
  const ChainHead at4 = HeadAt(4);
  const ChainHead at5 = Extend(at4, DigestOf("acme", Entry(5)));
  EXPECT_EQ(Findings({at5, ChainHead()}), Expected());
  seals_.clear();
  EXPECT_EQ(Findings({at5, at4}), Expected());
  EXPECT_EQ(Findings({{.sequence = 5, .hash = at4.hash}}),
            (Expected{{Kind::kCheckpoint, "checkpoint at entry 5"}}));
}

TEST_F(SealCheckTest, ACheckpointPastAHoleCannotBeMet) {
  const ChainHead at8 = HeadAt(8);
  Erase(6);
  EXPECT_EQ(Findings({at8}),
            (Expected{{Kind::kRowMissing, "entry 6"},
                      {Kind::kCheckpoint, "checkpoint at entry 8"}}));
}

}  // namespace
}  // namespace budget
