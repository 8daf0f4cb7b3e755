#include "server/domain/ledger_fold.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'302'000);
constexpr Pin kPin{.limit = 1, .window = 0};

// A catalog of one allocation with a lifetime limit of 100 and a rolling one.
class LedgerFoldTest : public testing::Test {
 protected:
  LedgerFoldTest() {
    catalog_.Put(Allocation{.id = 1, .path = "acme"});
    catalog_.Put(Limit{.id = 1, .allocation = 1,
                       .spec = {.name = "life", .cap = 100}});
    catalog_.Put(Limit{.id = 2, .allocation = 1,
                       .spec = {.name = "roll",
                                .window = Window::Rolling(absl::Minutes(1)),
                                .cap = 100}});
  }

  LedgerEntry Caps(int64_t sequence) {
    return {.sequence = sequence,
            .at = kNow,
            .kind = EntryKind::kSetLimit,
            .caps = {{.limit = 1, .cap = 100}, {.limit = 2, .cap = 100}}};
  }
  LedgerEntry Entry(int64_t sequence, int64_t spent, int64_t reserved) {
    LedgerEntry entry{.sequence = sequence,
                      .at = kNow + absl::Seconds(sequence),
                      .pins = {kPin}};
    entry.spent[Unit::kUsdNanos] = spent;
    entry.reserved[Unit::kUsdNanos] = reserved;
    return entry;
  }
  int64_t Fold(const std::vector<LedgerEntry>& entries,
               const std::vector<StoredCounter>& stored, int64_t last) {
    LedgerFold fold(catalog_, report_);
    for (const LedgerEntry& entry : entries) fold.Add(entry);
    for (const StoredCounter& counter : stored) fold.Compare(counter);
    fold.Finish(last);
    return report_.discrepancies_total;
  }
  static StoredCounter Stored(int64_t spent, int64_t reserved) {
    return {.key = kPin,
            .counter = {.tally = {.spent = spent, .reserved = reserved}},
            .as_of = kNow + absl::Seconds(9)};
  }

  Catalog catalog_;
  VerifyReport report_;
};

TEST_F(LedgerFoldTest, FindsNothingWhereAllAgrees) {
  EXPECT_EQ(Fold({Caps(1), Entry(2, 0, 60), Entry(3, 40, -60)},
                 {Stored(40, 0)}, 3),
            0);
  EXPECT_EQ(report_.entries, 3);
}

TEST_F(LedgerFoldTest, FindsACounterThatDrifted) {
  EXPECT_EQ(Fold({Caps(1), Entry(2, 0, 60)}, {Stored(1, 60)}, 2), 1);
  EXPECT_FALSE(report_.discrepancies.at(0).subject.empty());
}

TEST_F(LedgerFoldTest, FindsACounterThatIsMissingOrNobodys) {
  EXPECT_EQ(Fold({Caps(1), Entry(2, 0, 60)}, {}, 2), 1);
  report_ = {};
  EXPECT_EQ(Fold({Caps(1)}, {Stored(5, 0)}, 1), 1);
}

TEST_F(LedgerFoldTest, FindsAHoleInTheSequence) {
  EXPECT_GE(Fold({Caps(1), Entry(3, 0, 60)}, {Stored(0, 60)}, 3), 1);
}

TEST_F(LedgerFoldTest, FindsEntriesMissingAtTheEnd) {
  EXPECT_GE(Fold({Caps(1), Entry(2, 0, 60)}, {Stored(0, 60)}, 3), 1);
}

TEST_F(LedgerFoldTest, FindsTimeThatFalls) {
  LedgerEntry late = Entry(2, 0, 60);
  late.at = kNow - absl::Seconds(1);
  EXPECT_GE(Fold({Caps(1), late}, {Stored(0, 60)}, 2), 1);
}

TEST_F(LedgerFoldTest, FindsACapThatWasPassedForAMomentOnly) {
  EXPECT_EQ(Fold({Caps(1), Entry(2, 0, 60), Entry(3, 0, 41), Entry(4, 0, -90)},
                 {Stored(0, 11)}, 4),
            1);
}

TEST_F(LedgerFoldTest, LetsUsageFallUnderACapThatWasLowered) {
  LedgerEntry lowered = Caps(3);
  lowered.at = kNow + absl::Seconds(3);
  lowered.caps = {{.limit = 1, .cap = 10}};
  Limit limit = *catalog_.FindLimit(1);
  limit.spec.cap = 10;
  catalog_.Put(limit);
  EXPECT_EQ(Fold({Caps(1), Entry(2, 0, 60), lowered, Entry(4, 50, -55)},
                 {Stored(50, 5)}, 4),
            0);
}

TEST_F(LedgerFoldTest, AgesRollingCountersToTheTimeTheyWereStoredAt) {
  const Pin bucket{.limit = 2, .window = absl::ToUnixSeconds(kNow)};
  LedgerEntry entry = Entry(2, 30, 0);
  entry.pins = {bucket};
  StoredCounter fresh{.key = {.limit = 2, .window = 0},
                      .as_of = kNow + absl::Seconds(60)};
  fresh.counter.tally.spent = 30;
  fresh.counter.buckets.push_back({.number = bucket.window, .spent = 30});
  EXPECT_EQ(Fold({Caps(1), entry}, {fresh}, 2), 0);
  report_ = {};
  StoredCounter aged{.key = {.limit = 2, .window = 0},
                     .as_of = kNow + absl::Seconds(61)};
  EXPECT_EQ(Fold({Caps(1), entry}, {aged}, 2), 0);
}

class ExpectedEntryTest : public LedgerFoldTest {
 protected:
  static Uuid Id(uint64_t n) { return Uuid::Version7(kNow, {n, n}); }

  // Entries 1 to 3, of which the latter are of reservations 2 and 3.
  std::string Meet(std::vector<ExpectedEntry> expected) {
    LedgerFold fold(catalog_, report_, std::move(expected));
    fold.Add(Caps(1));
    for (int sequence : {2, 3}) {
      LedgerEntry entry = Entry(sequence, 0, 0);
      entry.pins = {};
      entry.reservation = Id(sequence);
      fold.Add(entry);
    }
    fold.Finish(3);
    std::string text;
    for (const Discrepancy& found : report_.discrepancies) {
      absl::StrAppend(&text, found.subject, ": ", found.ledger, "\n");
    }
    return text;
  }
};

TEST_F(ExpectedEntryTest, WhatIsThereIsNoDiscrepancy) {
  EXPECT_EQ(Meet({{.sequence = 3},
                  {.sequence = 1, .at = kNow},
                  {.sequence = 2, .reservation = Id(2)},
                  {.sequence = 2, .at = kNow + absl::Seconds(2)}}),
            "");
}

TEST_F(ExpectedEntryTest, WhatIsPastTheEndIsMissingWithAllBefore) {
  EXPECT_EQ(Meet({{.sequence = 9}, {.sequence = 5}, {.sequence = 2}}),
            "entries 4 to 9: ends at entry 3\n");
}

TEST_F(ExpectedEntryTest, OneEntryIsNamedAsOne) {
  EXPECT_EQ(Meet({{.sequence = 4}}), "entry 4: ends at entry 3\n");
}

TEST_F(ExpectedEntryTest, ANumberThatWasGivenOutAgainIsFound) {
  EXPECT_NE(Meet({{.sequence = 3, .reservation = Id(9)}}), "");
  report_ = {};
  EXPECT_NE(Meet({{.sequence = 3, .at = kNow}}), "");
  report_ = {};
  EXPECT_NE(Meet({{.sequence = 1, .reservation = Id(1)}}), "");
}

TEST_F(LedgerFoldTest, KeepsTheFirstHundredAndCountsAll) {
  std::vector<LedgerEntry> entries;
  for (int64_t i = 1; i <= 150; ++i) entries.push_back(Entry(2 * i, 0, 0));
  Fold(entries, {}, 300);
  EXPECT_EQ(report_.discrepancies.size(), 100u);
  EXPECT_GE(report_.discrepancies_total, 150);
}

// The entry that made the table says what was in it; older ones do not.
TEST_F(LedgerFoldTest, FindsPricesThatAreNotThoseThatWereSet) {
  const std::vector<ModelPrice> set = {{"m", {{"in", 5}}}};
  const std::vector<ModelPrice> changed = {{"m", {{"in", 6}}}};
  const auto findings = [&](const std::vector<LedgerEntry>& entries,
                            const std::vector<ModelPrice>& stored) {
    VerifyReport report;
    LedgerFold fold(catalog_, report);
    for (const LedgerEntry& entry : entries) fold.Add(entry);
    fold.ComparePrices(stored);
    fold.Finish(static_cast<int64_t>(entries.size()));
    return report.discrepancies_total;
  };
  const auto prices = [](int64_t sequence, const std::string& digest) {
    LedgerEntry entry{
        .sequence = sequence, .at = kNow, .kind = EntryKind::kSetPrices};
    if (!digest.empty()) entry.detail = {{kPricesDigestDetail, digest}};
    return entry;
  };
  EXPECT_EQ(findings({prices(1, DigestOfPrices(set))}, set), 0);
  EXPECT_EQ(findings({prices(1, DigestOfPrices(set))}, changed), 1);
  EXPECT_EQ(findings({prices(1, DigestOfPrices(set))}, {}), 1);
  EXPECT_EQ(findings({prices(1, DigestOfPrices(set)),
                      prices(2, DigestOfPrices(changed))},
                     changed),
            0);
  EXPECT_EQ(findings({prices(1, "")}, changed), 0);
  EXPECT_EQ(findings({prices(1, DigestOfPrices(set)), prices(2, "")}, changed),
            0);
  EXPECT_EQ(findings({}, {}), 0);
}

}  // namespace
}  // namespace budget
