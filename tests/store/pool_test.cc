#include "server/store/postgres/pool.h"

#include <gtest/gtest.h>

#include <string>

#include "server/store/postgres/failure.h"
#include "tests/support/postgres_fixture.h"

namespace budget::testing {
namespace {

constexpr Statement kPid = {"pid", "SELECT pg_backend_pid()"};
constexpr absl::Duration kPatience = absl::Seconds(60);

class PoolTest : public ::testing::Test {
 protected:
  static int64_t PidOf(Pool::Lease& lease) {
    return lease->Run(kPid).front().Int();
  }
  int64_t NextPid() {
    Pool::Lease lease = pool_.Acquire(kPatience);
    return PidOf(lease);
  }
  Pool Another() {
    return Pool(uri_, SessionKind::kReader, 1, epoch_,
                [](Session&, int64_t) {});
  }

  const std::string uri_ = FreshDatabase();
  Epoch epoch_;
  int connected_ = 0;
  Pool pool_{uri_, SessionKind::kReader, 3, epoch_,
             [this](Session&, int64_t) { ++connected_; }};
};

TEST_F(PoolTest, ASessionIsUsedAgain) {
  const int64_t first = NextPid();
  EXPECT_EQ(NextPid(), first);
  EXPECT_EQ(connected_, 1);
}

TEST_F(PoolTest, ALossGivesUpWhatWasConnectedBeforeEvenIfItIsInUse) {
  int64_t in_use = 0;
  {
    Pool::Lease lost = pool_.Acquire(kPatience);
    Pool::Lease other = pool_.Acquire(kPatience);
    in_use = PidOf(other);
    lost.Lose();
    EXPECT_EQ(PidOf(other), in_use);  // until it is returned
  }
  EXPECT_NE(NextPid(), in_use);
  EXPECT_EQ(connected_, 3);
}

TEST_F(PoolTest, ALossGivesUpWhatIsIdleInOtherPoolsOfTheDatabase) {
  Pool another = Another();
  int64_t idle = 0;
  {
    Pool::Lease lease = another.Acquire(kPatience);
    idle = PidOf(lease);
  }
  pool_.Acquire(kPatience).Lose();
  Pool::Lease lease = another.Acquire(kPatience);
  EXPECT_NE(PidOf(lease), idle);
}

TEST_F(PoolTest, WhoFindsOutLaterGivesUpNothingNew) {
  Pool::Lease late = pool_.Acquire(kPatience);
  pool_.Acquire(kPatience).Lose();
  const int64_t fresh = NextPid();
  late.Lose();
  EXPECT_EQ(NextPid(), fresh);
}

TEST_F(PoolTest, AConnectionThatIsRefusedAtItsFirstUseTakesUpNoRoom) {
  Pool refusing(uri_, SessionKind::kReader, 1, epoch_,
                [](Session&, int64_t) { throw OutOfTime(); });
  EXPECT_THROW(refusing.Acquire(kPatience), OutOfTime);
  EXPECT_THROW(refusing.Acquire(kPatience), OutOfTime);
}

}  // namespace
}  // namespace budget::testing
