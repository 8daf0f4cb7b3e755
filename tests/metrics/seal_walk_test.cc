#include "server/metrics/seal_walk.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/store/memory/memory_store.h"
#include "tests/support/forwarding_store.h"
#include "tests/support/virtual_clock.h"

namespace budget::testing {
namespace {

// Roots with ledgers as long, and sealed as far, as a test wants. Each entry
// was made a second before the next, the last of them now.
class ChainStore final : public ForwardingStore {
 public:
  struct Chain {
    int64_t entries = 10;
    int64_t sealed = 10;
  };

  ChainStore(Store& base, VirtualClock& clock)
      : ForwardingStore(base), clock_(clock) {}

  absl::StatusOr<std::vector<std::string>> Roots(absl::string_view after,
                                                 int max) override {
    clock_.Advance(takes);
    if (away) return absl::UnavailableError("away");
    std::vector<std::string> roots;
    for (auto at = chains.upper_bound(std::string(after));
         at != chains.end() && static_cast<int>(roots.size()) < max; ++at) {
      roots.push_back(at->first);
    }
    return roots;
  }
  absl::StatusOr<std::map<std::string, int64_t>> LastSequences(
      absl::Span<const std::string> roots) override {
    std::map<std::string, int64_t> last;
    for (const std::string& root : roots) last[root] = chains[root].entries;
    return last;
  }
  absl::StatusOr<SealedHead> ReadSealed(absl::string_view root) override {
    SealedHead sealed;
    sealed.head.sequence = chains[std::string(root)].sealed;
    return sealed;
  }
  absl::StatusOr<Page<LedgerEntry>> ListLedger(
      const LedgerFilter& filter) override {
    Page<LedgerEntry> page;
    page.read_time = clock_.Now();
    const int64_t age =
        chains[filter.root].entries - filter.after_sequence - 1;
    if (!gone) page.items.emplace_back().at = clock_.Now() - absl::Seconds(age);
    return page;
  }

  std::map<std::string, Chain> chains;
  absl::Duration takes;
  bool away = false;
  bool gone = false;

 private:
  VirtualClock& clock_;
};

class SealWalkTest : public ::testing::Test {
 protected:
  absl::Duration Lag() {
    return absl::Nanoseconds(meters_.seal_lag_nanos.value());
  }

  VirtualClock clock_;
  MemoryStore memory_{{.clock = [this] { return clock_.Now(); }}};
  ChainStore store_{memory_, clock_};
  ServiceMeters meters_;
  SealWalk walk_{store_, clock_, meters_};
};

TEST_F(SealWalkTest, KnowsNothingBeforeItHasLooked) {
  EXPECT_EQ(meters_.seal_lag_nanos.value(), ServiceMeters::kUnknown);
}

TEST_F(SealWalkTest, ShowsHowLongTheOldestEntryHasHadNoSeal) {
  store_.chains = {{"a", {}},
                   {"b", {.entries = 100, .sealed = 69}},
                   {"c", {.entries = 9, .sealed = 0}}};
  walk_.Step();
  EXPECT_EQ(Lag(), absl::Seconds(30));
  store_.chains["b"].sealed = 100;
  walk_.Step();
  EXPECT_EQ(Lag(), absl::Seconds(8));
  store_.chains["c"].sealed = 9;
  walk_.Step();
  EXPECT_EQ(Lag(), absl::ZeroDuration());
}

TEST_F(SealWalkTest, GoesOverAllRootsSomeAtATime) {
  for (int i = 0; i <= SealWalk::kRootsAtOnce; ++i) {
    store_.chains[absl::StrCat("root-", absl::Dec(i, absl::kZeroPad4))] = {};
  }
  store_.chains.rbegin()->second = {.entries = 50, .sealed = 9};
  walk_.Step();
  EXPECT_EQ(Lag(), absl::ZeroDuration());
  walk_.Step();
  EXPECT_EQ(Lag(), absl::Seconds(40));
  // From the first again: what is known of the others stays.
  walk_.Step();
  EXPECT_EQ(Lag(), absl::Seconds(40));
  store_.chains.rbegin()->second.sealed = 50;
  walk_.Step();
  EXPECT_EQ(Lag(), absl::ZeroDuration());
}

TEST_F(SealWalkTest, SpendsAHundredthOfTheTimeOnIt) {
  store_.chains = {{"a", {.entries = 10, .sealed = 9}}};
  store_.takes = absl::Seconds(1);
  walk_.Step();
  store_.chains["a"].sealed = 1;
  clock_.Advance(absl::Seconds(99));
  walk_.Step();
  EXPECT_EQ(Lag(), absl::ZeroDuration());
  clock_.Advance(absl::Seconds(1));
  walk_.Step();
  EXPECT_EQ(Lag(), absl::Seconds(8));
}

TEST_F(SealWalkTest, KnowsNothingWhileTheDatabaseIsAway) {
  store_.chains = {{"a", {.entries = 10, .sealed = 1}}};
  store_.away = true;
  walk_.Step();
  EXPECT_EQ(meters_.seal_lag_nanos.value(), ServiceMeters::kUnknown);
  store_.away = false;
  walk_.Step();
  EXPECT_EQ(Lag(), absl::Seconds(8));
}

TEST_F(SealWalkTest, LeavesWhatIsGoneToOthers) {
  store_.chains = {{"a", {.entries = 10, .sealed = 1}}};
  store_.gone = true;
  walk_.Step();
  EXPECT_EQ(Lag(), absl::ZeroDuration());
}

}  // namespace
}  // namespace budget::testing
