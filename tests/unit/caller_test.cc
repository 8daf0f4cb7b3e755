#include "server/domain/caller.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/domain/path.h"
#include "tests/model/world.h"

namespace budget {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'302'000);

Uuid IdOf(uint64_t n) { return Uuid::Version7(kNow, {n, n}); }

CallerRef Gateway(const std::string& principal, const std::string& subtree) {
  return std::make_shared<const Caller>(
      Caller{.principal = principal, .own_in = {subtree}});
}

CallerRef Admin(const std::string& subtree) {
  return std::make_shared<const Caller>(
      Caller{.principal = "admin", .all_in = {subtree}});
}

Reservation ReservationOf(const std::string& owner,
                          std::vector<std::string> paths) {
  ReservationTerms terms;
  terms.payload = ReservePayload{.allocations = std::move(paths)};
  terms.owner = owner;
  Reservation reservation;
  reservation.terms = std::move(terms);
  return reservation;
}

TEST(SubtreeTest, MatchesBySegments) {
  EXPECT_TRUE(IsIn("acme/sea", "acme/sea"));
  EXPECT_TRUE(IsIn("acme/sea/key", "acme/sea"));
  EXPECT_FALSE(IsIn("acme/search", "acme/sea"));
  EXPECT_FALSE(IsIn("acme/sea-2", "acme/sea"));
  EXPECT_FALSE(IsIn("acme", "acme/sea"));
  EXPECT_TRUE(IsIn("acme", kEverything));
  EXPECT_TRUE(IsIn(kEverything, kEverything));
  EXPECT_FALSE(IsIn(kEverything, "acme"));
}

TEST(CallerTest, AGatewayTouchesItsOwnAndNobodysInItsSubtree) {
  const CallerRef eu = Gateway("eu", "acme/search");
  EXPECT_TRUE(MayTouch(eu, ReservationOf("eu", {"acme/search/key"})));
  EXPECT_TRUE(MayTouch(eu, ReservationOf("", {"acme/search"})));
  EXPECT_FALSE(MayTouch(eu, ReservationOf("us", {"acme/search/key"})));
  EXPECT_FALSE(MayTouch(eu, ReservationOf("eu", {"acme/ads"})));
  EXPECT_FALSE(MayTouch(eu, ReservationOf("", {"acme/ads"})));
}

TEST(CallerTest, OneForeignAllocationMakesAReservationForeign) {
  const std::vector<std::string> both = {"acme/search/key", "acme/users/ann"};
  EXPECT_FALSE(MayTouch(Gateway("eu", "acme/search"),
                        ReservationOf("eu", both)));
  EXPECT_TRUE(MayTouch(Gateway("eu", "acme"), ReservationOf("eu", both)));
  EXPECT_FALSE(MayTouch(Admin("acme/search"), ReservationOf("eu", both)));
}

TEST(CallerTest, AnAdministratorTouchesEverybodys) {
  EXPECT_TRUE(MayTouch(Admin("acme"), ReservationOf("eu", {"acme/search"})));
  EXPECT_TRUE(MayTouch(Admin("*"), ReservationOf("eu", {"acme/search"})));
  EXPECT_FALSE(MayTouch(Admin("acme"), ReservationOf("eu", {"other"})));
}

TEST(CallerTest, WhereNobodyIsAskedEverythingMayBeTouched) {
  EXPECT_TRUE(MayTouch(nullptr, ReservationOf("eu", {"acme"})));
  EXPECT_EQ(PrincipalOf(nullptr), "");
}

// Two gateways in one tree, through the rules.
class OwnershipTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CreateAllocation create{.context = {.request_id = IdOf(1)}, .path = "acme"};
    create.limits.push_back(
        {.name = "life", .unit = Unit::kTokens, .cap = 100});
    ASSERT_TRUE(world_.Run(create, kNow).ok());
    ASSERT_TRUE(Hold(kHold, eu_, 10).ok());
  }
  void TearDown() override {
    world_.Verify();
    EXPECT_EQ(world_.problems(), std::vector<std::string>());
  }

  Outcome Hold(const Uuid& id, const CallerRef& caller, int64_t tokens) {
    ReservePayload payload{.allocations = {"acme"}};
    payload.amounts[Unit::kTokens] = tokens;
    return world_.Run(
        Reserve{.id = id, .payload = std::move(payload), .caller = caller},
        kNow);
  }
  Outcome SettleBy(const Uuid& id, const CallerRef& caller, int64_t tokens) {
    Settle op{.root = "acme", .id = id, .caller = caller};
    op.actual[Unit::kTokens] = tokens;
    return world_.Run(op, kNow);
  }
  Outcome ReleaseBy(const Uuid& id, const CallerRef& caller) {
    return world_.Run(Release{.root = "acme", .id = id, .caller = caller},
                      kNow);
  }
  Outcome AdjustBy(const Uuid& id, const CallerRef& caller) {
    AdjustReservation op{.root = "acme", .id = id, .caller = caller};
    op.held[Unit::kTokens] = 20;
    return world_.Run(op, kNow);
  }

  void ExpectLikeMissing(const Outcome& foreign, const Outcome& missing) {
    ASSERT_FALSE(foreign.ok());
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(foreign.refusal->reason, Reason::kReservationNotFound);
    EXPECT_EQ(missing.refusal->reason, Reason::kReservationNotFound);
    EXPECT_FALSE(foreign.reservation.has_value());
    EXPECT_TRUE(foreign.limits.empty());
  }

  const Uuid kHold = IdOf(7);
  const Uuid kNone = IdOf(8);
  const CallerRef eu_ = Gateway("eu", "acme");
  const CallerRef us_ = Gateway("us", "acme");
  World world_;
};

TEST_F(OwnershipTest, AnotherGatewaysReservationIsAsIfItDidNotExist) {
  const size_t entries = world_.LedgerOf("acme").size();
  ExpectLikeMissing(SettleBy(kHold, us_, 1), SettleBy(kNone, us_, 1));
  ExpectLikeMissing(ReleaseBy(kHold, us_), ReleaseBy(kNone, us_));
  ExpectLikeMissing(AdjustBy(kHold, us_), AdjustBy(kNone, us_));
  EXPECT_EQ(world_.LedgerOf("acme").size(), entries);
  EXPECT_TRUE(SettleBy(kHold, eu_, 1).ok());
  ExpectLikeMissing(SettleBy(kHold, us_, 1), SettleBy(kNone, us_, 1));
}

// The same answer for the same and for another payload: it says nothing of the
// reservation but that the id is taken.
TEST_F(OwnershipTest, AnIdOfAnotherGatewayIsTaken) {
  for (const int64_t tokens : {10, 11}) {
    const Outcome outcome = Hold(kHold, us_, tokens);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.refusal->reason, Reason::kIdempotencyMismatch);
    EXPECT_EQ(outcome.refusal->field, "reservation_id");
    EXPECT_EQ(outcome.refusal->message,
              "id " + kHold.ToString() + " is taken; choose a new id");
    EXPECT_FALSE(outcome.reservation.has_value());
  }
  RecordUsage usage{.id = kHold,
                    .payload = ReservePayload{
                        .origin = ReservationOrigin::kRecordUsage,
                        .allocations = {"acme"}},
                    .caller = us_};
  EXPECT_EQ(world_.Run(usage, kNow).refusal->reason,
            Reason::kIdempotencyMismatch);
  EXPECT_TRUE(Hold(kHold, eu_, 10).replayed);
}

TEST_F(OwnershipTest, WhatNobodyIsKnownToHaveMadeIsAnyGateways) {
  ASSERT_TRUE(Hold(kNone, nullptr, 5).ok());
  EXPECT_TRUE(Hold(kNone, us_, 5).replayed);
  EXPECT_TRUE(SettleBy(kNone, us_, 5).ok());
}

TEST_F(OwnershipTest, TheLedgerSaysWhoDidWhat) {
  ASSERT_TRUE(SettleBy(kHold, Admin("*"), 3).ok());
  const std::vector<LedgerEntry>& ledger = world_.LedgerOf("acme");
  ASSERT_EQ(ledger.size(), 3u);
  EXPECT_EQ(ledger[1].actor, "eu");
  EXPECT_EQ(ledger[2].actor, "admin");
  const WorkingSet& set = world_.SetOf("acme");
  EXPECT_EQ(set.reservations.at(kHold).reservation.terms->owner, "eu");
}

}  // namespace
}  // namespace budget
