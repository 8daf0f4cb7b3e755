#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(SettleTest, SpendsTheActualAndFreesTheRest) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    limit acme.calls requests lifetime cap=10
    reserve r1 acme usd=60 tokens=10 requests=2
    settle r1 usd=45 tokens=9 -> ok state=settled held.usd=0 spent.usd=45 spent.tokens=9 spent.requests=2
    check acme.life spent=45 reserved=0 overage=0 remaining=55
    check acme.calls spent=2 reserved=0
  )"), "");
}

TEST(SettleTest, RecordsCumulativePartialReportsAndIgnoresOldOnes) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=60
    report r1 usd=10 -> ok state=open spent.usd=10 held.usd=50 entries=1
    report r1 usd=30 tokens=5 -> ok spent.usd=30 held.usd=30 spent.tokens=5
    report r1 usd=20 tokens=6 -> ok spent.usd=30 spent.tokens=6 entries=1
    report r1 usd=20 -> ok entries=0               # a reordered report
    report r1 -> ok entries=0
    check acme.life spent=30 reserved=30
    settle r1 -> ok spent.usd=30 spent.requests=1 state=settled   # unset stays
    check acme.life spent=30 reserved=0
  )"), "");
}

TEST(SettleTest, RefundsWhenTheFinalFigureIsLowerThanAReport) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=90
    reserve r2 acme usd=10
    report r1 usd=95 -> ok spent.usd=90 overage.usd=5 held.usd=0
    check acme.life spent=90 reserved=10 overage=5
    settle r1 usd=92 -> ok spent.usd=90 overage.usd=2      # overage first
    check acme.life overage=2
  )"), "");
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=100
    report r1 usd=104
    settle r1 usd=40 -> ok spent.usd=40 overage.usd=0
    check acme.life spent=40 reserved=0 overage=0
  )"), "");
}

TEST(SettleTest, BooksAsOverageWhatDoesNotFitEveryLimit) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    limit acme.life usd lifetime cap=100
    limit acme/a.life usd lifetime cap=50
    reserve r1 acme/a usd=40
    settle r1 usd=70 -> ok spent.usd=50 overage.usd=20
    check acme.life spent=50 reserved=0 overage=20
    check acme/a.life spent=50 overage=20 remaining=0
    reserve r2 acme usd=31 -> OVERAGE_OUTSTANDING acme.life affordable=30 retry=none
    reserve r3 acme usd=30 -> ok
  )"), "");
}

TEST(SettleTest, OverageStandsInNobodysWayWhereItIsOnlyReported) {
  EXPECT_EQ(RunTable(R"(
    create acme overage=report
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=80
    settle r1 usd=150 -> ok spent.usd=100 overage.usd=50
    limit acme.life usd lifetime cap=120
    check acme.life remaining=20
    reserve r2 acme usd=20 -> ok
  )"), "");
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a overage=report    # the limit is the root's: its policy counts
    limit acme.life usd lifetime cap=100
    reserve r1 acme/a usd=80
    settle r1 usd=150
    limit acme.life usd lifetime cap=120
    check acme.life remaining=0
    reserve r2 acme/a usd=20 -> OVERAGE_OUTSTANDING acme.life
  )"), "");
}

TEST(SettleTest, LeavesTheHoldsOfOthersAlone) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=40
    reserve r2 acme usd=50
    settle r1 usd=70 -> ok spent.usd=50 overage.usd=20   # 10 were free
    check acme.life spent=50 reserved=50 overage=20
    settle r2 usd=50 -> ok spent.usd=50 overage.usd=0
  )"), "");
}

TEST(SettleTest, TheSameAgainIsFineAndAnythingElseIsNot) {
  EXPECT_EQ(RunTable(R"(
    create acme
    reserve r1 acme usd=60
    settle r1 usd=50 tokens=5
    settle r1 usd=50 tokens=5 -> ok entries=0 state=settled
    settle r1 usd=50 -> ok entries=0
    report r1 usd=49 tokens=5 -> ok entries=0      # a late report
    settle r1 usd=49 tokens=5 -> RESERVATION_SETTLED spent.usd=50 entries=0
    report r1 usd=51 -> RESERVATION_SETTLED spent.usd=50
    settle r9 usd=1 -> RESERVATION_NOT_FOUND
    settle r1 root=nobody usd=50 -> RESERVATION_NOT_FOUND
  )"), "");
}

TEST(SettleTest, AfterExpiryIsAcceptedAndMarkedLate) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=60 ttl=10s
    after 10s reserve r2 acme usd=80 -> ok
    settle r1 usd=60 -> ok late=true state=expired spent.usd=20 overage.usd=40
    check acme.life spent=20 reserved=80 overage=40
    settle r1 usd=60 -> ok entries=0
    settle r1 usd=61 -> RESERVATION_SETTLED
  )"), "");
}

TEST(SettleTest, AfterReleaseIsAcceptedAndMarkedLate) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=60
    release r1 -> ok late=false
    report r1 usd=30 -> ok late=true state=released spent.usd=30 held.usd=0
    settle r1 usd=40 -> ok late=true state=released spent.usd=40
    settle r1 usd=41 -> RESERVATION_SETTLED
    check acme.life spent=40 reserved=0
  )"), "");
}

TEST(SettleTest, IsAcceptedWhenFrozenArchivedOrUncapped) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    limit acme/a.life usd lifetime cap=100
    reserve r1 acme/a usd=60
    reserve r2 acme/a usd=10
    freeze acme
    archive acme/a
    settle r1 usd=60 -> ok spent.usd=60
    settle r2 usd=200 -> ok spent.usd=40 overage.usd=160
    check acme/a.life spent=100 overage=160
  )"), "");
}

TEST(SettleTest, ReportsThresholdsWithOverageAndBeyondTheCap) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100 warn=50,100,150
    reserve r1 acme usd=40
    report r1 usd=55 -> ok crossed=acme.life@50
    settle r1 usd=149 -> ok crossed=acme.life@100 overage.usd=49
    record u1 acme usd=1 -> ok crossed=acme.life@150
  )"), "");
}

TEST(SettleTest, IsNotBoundByALimitThatWasRemoved) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.low usd lifetime cap=10
    limit acme.high usd lifetime cap=100
    reserve r1 acme usd=10
    remove acme.low
    settle r1 usd=90 -> ok spent.usd=90 overage.usd=0
    check acme.high spent=90
  )"), "");
}

TEST(SettleTest, ACostThatStaysUnknownIsFlaggedAndCounted) {
  EXPECT_EQ(RunTable(R"(
    create acme
    policy acme unpriced=allow
    limit acme.life usd lifetime cap=100
    reserve r1 acme tokens=50 unknown=true
    settle r1 tokens=20 -> ok unpriced=true
    check acme.life unpriced=1
    reserve r2 acme tokens=50 unknown=true
    settle r2 usd=7 tokens=20 -> ok unpriced=false   # the cost became known
    check acme.life unpriced=1 spent=7
  )"), "");
}

}  // namespace
}  // namespace budget
