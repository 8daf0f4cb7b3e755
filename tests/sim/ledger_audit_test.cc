#include "tests/sim/ledger_audit.h"

#include <gtest/gtest.h>

#include <string>

namespace budget::sim {
namespace {

constexpr absl::Duration kRolling = absl::Seconds(60);

// A root with a lifetime limit (1) and a rolling one (2) of USD.
class LedgerAuditTest : public ::testing::Test {
 protected:
  LedgerAuditTest() {
    catalog_.Put(Allocation{.id = 1, .path = "acme"});
    catalog_.Put(Limit{.id = 1, .allocation = 1, .spec = {.name = "life"}});
    catalog_.Put(Limit{.id = 2,
                       .allocation = 1,
                       .spec = {.name = "roll",
                                .window = Window::Rolling(kRolling)}});
  }

  LedgerEntry Entry(EntryKind kind) {
    return {.sequence = ++sequence_, .at = now_, .kind = kind};
  }
  LedgerEntry Hold(const Uuid& id, int64_t usd) {
    LedgerEntry entry = Entry(EntryKind::kReserve);
    entry.reservation = id;
    entry.pins = {{.limit = 1}};
    entry.reserved[Unit::kUsdNanos] = usd;
    return entry;
  }
  LedgerEntry End(EntryKind kind, const Uuid& id, int64_t usd) {
    LedgerEntry entry = Hold(id, -usd);
    entry.kind = kind;
    return entry;
  }
  void Cap(LimitId limit, int64_t cap) {
    LedgerEntry entry = Entry(EntryKind::kSetLimit);
    entry.caps = {{.limit = limit, .cap = cap}};
    Take(entry);
  }
  void Take(const LedgerEntry& entry) { audit_.Take(entry, catalog_, now_); }
  std::string Breach() const {
    const auto& breach = verdicts_.breach();
    return breach ? std::string(InvariantName(breach->invariant)) : "";
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  int64_t sequence_ = 0;
  Catalog catalog_;
  Verdicts verdicts_;
  LedgerAudit audit_{"acme", verdicts_};
  const Uuid first_{{1}}, second_{{2}};
};

TEST_F(LedgerAuditTest, AHoldUpToTheCapIsFine) {
  Cap(1, 100);
  Take(Hold(first_, 60));
  Take(Hold(second_, 40));
  EXPECT_EQ(Breach(), "");
  EXPECT_EQ(audit_.TallyOf({.limit = 1}, now_).reserved, 100);
}

TEST_F(LedgerAuditTest, AHoldPastTheCapIsNot) {
  Cap(1, 100);
  Take(Hold(first_, 60));
  Take(Hold(second_, 41));
  EXPECT_EQ(Breach(), "cap_holds");
}

TEST_F(LedgerAuditTest, UsageAboveALoweredCapMayFall) {
  Take(Hold(first_, 60));
  Cap(1, 10);
  Take(End(EntryKind::kRelease, first_, 60));
  EXPECT_EQ(Breach(), "");
}

TEST_F(LedgerAuditTest, ARollingBucketCountsUntilAllOfItIsADurationOld) {
  LedgerEntry usage = Entry(EntryKind::kRecordUsage);
  usage.reservation = first_;
  const WindowKey bucket = absl::ToUnixSeconds(now_);  // buckets of a second
  usage.pins = {{.limit = 2, .window = bucket}};
  usage.spent[Unit::kUsdNanos] = 7;
  Take(usage);
  const absl::Time ends = now_ + absl::Seconds(1) + kRolling;
  const absl::Time before = ends - absl::Microseconds(1);
  EXPECT_EQ(audit_.TallyOf({.limit = 2}, before).spent, 7);
  EXPECT_EQ(audit_.TallyOf({.limit = 2}, ends).spent, 0);
}

TEST_F(LedgerAuditTest, AHoleInTheSequenceIsFound) {
  ++sequence_;
  Take(Hold(first_, 1));
  EXPECT_EQ(Breach(), "sequence_without_holes");
}

TEST_F(LedgerAuditTest, AnotherTimeThanTheDatabasesIsFound) {
  LedgerEntry entry = Hold(first_, 1);
  entry.at += absl::Seconds(1);
  Take(entry);
  EXPECT_EQ(Breach(), "time_is_the_databases");
}

TEST_F(LedgerAuditTest, ASecondEffectOfAnIdIsFound) {
  Take(Hold(first_, 1));
  Take(Hold(first_, 1));
  EXPECT_EQ(Breach(), "one_effect_per_id");
}

TEST_F(LedgerAuditTest, ASecondEffectOfARequestIsFound) {
  LedgerEntry entry = Entry(EntryKind::kFreeze);
  entry.request = first_;
  Take(entry);
  audit_.EndTransaction();
  entry.sequence = ++sequence_;
  Take(entry);
  EXPECT_EQ(Breach(), "one_effect_per_id");
}

TEST_F(LedgerAuditTest, ASecondEndIsFound) {
  Take(Hold(first_, 5));
  Take(End(EntryKind::kRelease, first_, 5));
  Take(End(EntryKind::kExpire, first_, 0));
  EXPECT_EQ(Breach(), "one_end");
}

TEST_F(LedgerAuditTest, AHoldThatOutlivesItsReservationIsFound) {
  Take(Hold(first_, 5));
  Take(End(EntryKind::kRelease, first_, 4));
  EXPECT_EQ(Breach(), "one_end");
}

}  // namespace
}  // namespace budget::sim
