#include "server/metrics/survey.h"

#include "gtest/gtest.h"
#include "server/store/memory/memory_store.h"
#include "tests/support/forwarding_store.h"
#include "tests/support/virtual_clock.h"

namespace budget::testing {
namespace {

// Says what it is told to, and takes its time.
class SlowStore final : public ForwardingStore {
 public:
  SlowStore(Store& base, VirtualClock& clock)
      : ForwardingStore(base), clock_(clock) {}

  absl::StatusOr<OpenHolds> ReadOpenHolds() override {
    ++counted;
    clock_.Advance(takes);
    if (away) return absl::UnavailableError("away");
    return holds;
  }
  absl::StatusOr<absl::Duration> LongestDue() override {
    if (away) return absl::UnavailableError("away");
    return due;
  }

  int counted = 0;
  bool away = false;
  OpenHolds holds;
  absl::Duration takes;
  absl::Duration due;

 private:
  VirtualClock& clock_;
};

class SurveyTest : public ::testing::Test {
 protected:
  VirtualClock clock_;
  MemoryStore memory_{{.clock = [this] { return clock_.Now(); }}};
  SlowStore store_{memory_, clock_};
  ServiceMeters meters_;
  Survey survey_{store_, clock_, absl::Seconds(30), meters_};
};

TEST_F(SurveyTest, ShowsWhatTheDatabaseSays) {
  store_.holds = {.reservations = 7, .held = {{1000, 20, 3}}};
  store_.due = absl::Seconds(5);
  survey_.Look();
  EXPECT_EQ(meters_.open_reservations.value(), 7);
  EXPECT_EQ(meters_.held[0].value(), 1000);
  EXPECT_EQ(meters_.held[1].value(), 20);
  EXPECT_EQ(meters_.held[2].value(), 3);
  EXPECT_EQ(meters_.sweeper_lag_nanos.value(), 5'000'000'000);
}

TEST_F(SurveyTest, CountsHoldsOnceInAnInterval) {
  survey_.Look();
  clock_.Advance(absl::Seconds(29));
  survey_.Look();
  EXPECT_EQ(store_.counted, 1);
  clock_.Advance(absl::Seconds(1));
  survey_.Look();
  EXPECT_EQ(store_.counted, 2);
}

TEST_F(SurveyTest, SpendsAHundredthOfTheTimeOnIt) {
  store_.takes = absl::Seconds(3);
  survey_.Look();
  clock_.Advance(absl::Seconds(299));
  survey_.Look();
  EXPECT_EQ(store_.counted, 1);
  clock_.Advance(absl::Seconds(1));
  survey_.Look();
  EXPECT_EQ(store_.counted, 2);
}

TEST_F(SurveyTest, KnowsNothingWhileTheDatabaseIsAway) {
  survey_.Look();
  store_.away = true;
  clock_.Advance(absl::Minutes(1));
  survey_.Look();
  EXPECT_EQ(meters_.open_reservations.value(), ServiceMeters::kUnknown);
  EXPECT_EQ(meters_.sweeper_lag_nanos.value(), ServiceMeters::kUnknown);
  store_.away = false;
  clock_.Advance(absl::Minutes(1));
  survey_.Look();
  EXPECT_EQ(meters_.open_reservations.value(), 0);
}

TEST_F(SurveyTest, CountsNoHoldsWhereItIsToldNotTo) {
  Survey survey(store_, clock_, absl::ZeroDuration(), meters_);
  survey.Look();
  EXPECT_EQ(store_.counted, 0);
  EXPECT_EQ(meters_.sweeper_lag_nanos.value(), 0);
}

}  // namespace
}  // namespace budget::testing
