#include "server/domain/decide.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/model/generator.h"
#include "tests/model/model.h"
#include "tests/model/table.h"
#include "tests/model/world.h"

namespace budget {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'302'000);

Operation CreateAcme() {
  CreateAllocation op{.context = {.request_id = Uuid::Version7(kNow, {9, 9})},
                      .path = "acme"};
  op.limits.push_back({.name = "life", .cap = 100});
  return op;
}

Reserve ReserveUnder(const Uuid& id, int64_t usd) {
  Reserve op{.id = id};
  ReservePayload& payload = op.payload.Edit();
  payload.allocations = {"acme"};
  payload.amounts[Unit::kUsdNanos] = usd;
  return op;
}

Settle SettleWith(const Uuid& id, int64_t usd) {
  Settle op{.root = "acme", .id = id};
  op.actual[Unit::kUsdNanos] = usd;
  return op;
}

Uuid IdMadeAt(absl::Time time) { return Uuid::Version7(time, {1, 2}); }

RecordUsage ThirtyTokens() {
  RecordUsage record{.id = IdMadeAt(kNow)};
  ReservePayload& payload = record.payload.Edit();
  payload.origin = ReservationOrigin::kRecordUsage;
  payload.allocations = {"acme"};
  payload.amounts[Unit::kTokens] = 30;
  return record;
}

TEST(DecideTest, RunsABatchInOrderWithEachEffectSeenByTheNext) {
  World world;
  const Uuid first = Uuid::Version7(kNow, {1, 1});
  const Uuid second = Uuid::Version7(kNow, {1, 2});
  const std::vector<Outcome> outcomes = world.RunBatch(
      {CreateAcme(), ReserveUnder(first, 80), ReserveUnder(second, 30),
       SettleWith(first, 70), ReserveUnder(second, 30)},
      kNow);
  ASSERT_EQ(outcomes.size(), 5u);
  EXPECT_TRUE(outcomes[0].ok());
  EXPECT_TRUE(outcomes[1].ok());
  EXPECT_EQ(outcomes[2].refusal->reason, Reason::kBudgetExhausted);
  EXPECT_TRUE(outcomes[3].ok());
  EXPECT_TRUE(outcomes[4].ok());
  EXPECT_EQ(world.LedgerOf("acme").size(), 4u);
  world.Verify();
  EXPECT_TRUE(world.problems().empty());
}

TEST(DecideTest, AnsweringTheSameBatchAgainChangesNothing) {
  World world;
  const Uuid id = Uuid::Version7(kNow, {1, 1});
  const std::vector<Operation> batch = {CreateAcme(), ReserveUnder(id, 80),
                                        SettleWith(id, 70)};
  world.RunBatch(batch, kNow);
  const size_t entries = world.LedgerOf("acme").size();
  for (const Outcome& outcome :
       world.RunBatch(batch, kNow + absl::Hours(100))) {
    EXPECT_TRUE(outcome.ok());
  }
  EXPECT_EQ(world.LedgerOf("acme").size(), entries);
}

TEST(DecideTest, RefusesIdsThatMayHaveBeenArchived) {
  World world({.retention = absl::Hours(24)});
  world.Run(CreateAcme(), kNow);
  const auto reason_for = [&](absl::Time made) {
    const Outcome outcome =
        world.Run(ReserveUnder(IdMadeAt(made), 1), kNow);
    return outcome.ok() ? "ok" : ReasonName(outcome.refusal->reason);
  };
  EXPECT_EQ(reason_for(kNow - absl::Hours(24) - absl::Milliseconds(1)),
            "RESERVATION_ID_TOO_OLD");
  EXPECT_EQ(reason_for(kNow - absl::Hours(23)), "ok");
  EXPECT_EQ(reason_for(kNow + absl::Hours(23)), "ok");
  EXPECT_EQ(reason_for(kNow + absl::Hours(24) + absl::Milliseconds(1)),
            "INVALID_FIELD");
  RecordUsage record{.id = IdMadeAt(kNow - absl::Hours(25))};
  ReservePayload& payload = record.payload.Edit();
  payload.origin = ReservationOrigin::kRecordUsage;
  payload.allocations = {"acme"};
  EXPECT_EQ(world.Run(record, kNow).refusal->reason,
            Reason::kReservationIdTooOld);
}

TEST(DecideTest, KnownIdsNeverGrowTooOld) {
  World world({.retention = absl::Hours(24)});
  world.Run(CreateAcme(), kNow);
  const Reserve op = ReserveUnder(IdMadeAt(kNow), 1);
  world.Run(op, kNow);
  const Outcome again = world.Run(op, kNow + absl::Hours(1000));
  EXPECT_TRUE(again.ok());
  EXPECT_TRUE(again.replayed);
}

TEST(DecideTest, IsDeterministic) {
  World one, two;
  model::Model model(DecideOptions{}.retention);
  model::Generator generator(7);
  for (int i = 0; i < 300; ++i) {
    const absl::Time now = generator.Advance();
    const Operation operation = generator.Next(model);
    model.Run(operation, now);
    one.Run(operation, now);
    two.Run(operation, now);
  }
  EXPECT_EQ(one.LedgerOf("acme"), two.LedgerOf("acme"));
  EXPECT_FALSE(one.LedgerOf("acme").empty());
}

TEST(DecideTest, ABatchIsWorthItsOperationsOneByOne) {
  World one_by_one, batched;
  model::Model model(DecideOptions{}.retention);
  model::Generator generator(8);
  for (int round = 0; round < 40; ++round) {
    const absl::Time now = generator.Advance() + absl::Hours(round);
    std::vector<Operation> batch;
    while (batch.size() < 8) {
      Operation operation = generator.Next(model);
      // A history is loaded before the batch: one for a new limit each time.
      if (std::holds_alternative<SetLimit>(operation)) continue;
      model.Run(operation, now);
      one_by_one.Run(operation, now);
      batch.push_back(std::move(operation));
    }
    batched.RunBatch(batch, now);
  }
  EXPECT_EQ(one_by_one.LedgerOf("acme"), batched.LedgerOf("acme"));
}

// Two administrators choose one name in one moment, and count other things.
TEST(DecideTest, ANewLimitStartsFromAHistoryOfItsOwnWhoeverElseIsInTheBatch) {
  World world;
  world.Run(CreateAcme(), kNow);
  world.Run(ThirtyTokens(), kNow);
  SetLimit first{.context = {.request_id = Uuid::Version7(kNow, {3, 3})},
                 .path = "acme"};
  first.limit = {.name = "new", .unit = Unit::kTokens, .cap = 100};
  SetLimit second{.context = {.request_id = Uuid::Version7(kNow, {4, 4})},
                  .path = "acme"};
  second.limit = {.name = "new", .unit = Unit::kRequests, .cap = 7};
  const auto outcomes = world.RunBatch({first, second}, kNow);
  ASSERT_TRUE(outcomes[0].ok());
  ASSERT_FALSE(outcomes[1].ok());
  EXPECT_EQ(outcomes[0].limits.front().tally.spent, 30);
}

TEST(DecideTest, ALimitSetWithinABatchCountsWhatTheBatchDidBefore) {
  World world;
  world.Run(CreateAcme(), kNow);
  SetLimit set{.context = {.request_id = Uuid::Version7(kNow, {3, 3})},
               .path = "acme"};
  set.limit = {.name = "tokens", .unit = Unit::kTokens, .cap = 100};
  world.RunBatch({ThirtyTokens(), set}, kNow);
  for (const LimitReading& reading : world.Read("acme", kNow)) {
    if (reading.cap == 100 && reading.tally.spent == 30) return;
  }
  FAIL() << "the usage of the same batch was not counted";
}

}  // namespace
}  // namespace budget
