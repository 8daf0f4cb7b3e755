#include "server/metrics/verify_walk.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/store/memory/memory_store.h"
#include "tests/support/forwarding_store.h"
#include "tests/support/virtual_clock.h"

namespace budget::testing {
namespace {

// Roots with ledgers as long and books as wrong as a test wants.
class BookStore final : public ForwardingStore {
 public:
  struct Book {
    int64_t entries = 10;
    int64_t discrepancies = 0;
  };

  BookStore(Store& base, VirtualClock& clock)
      : ForwardingStore(base), clock_(clock) {}

  absl::StatusOr<std::vector<std::string>> Roots(absl::string_view after,
                                                 int) override {
    const auto at = books.upper_bound(std::string(after));
    if (at == books.end()) return std::vector<std::string>();
    return std::vector<std::string>{at->first};
  }
  absl::StatusOr<std::map<std::string, int64_t>> LastSequences(
      absl::Span<const std::string> roots) override {
    if (away) return absl::UnavailableError("away");
    return std::map<std::string, int64_t>{
        {roots[0], books[roots[0]].entries}};
  }
  absl::StatusOr<VerifyReport> Verify(
      absl::string_view root, KnownElsewhere) override {
    verified.emplace_back(root);
    clock_.Advance(takes);
    VerifyReport report;
    const Book& book = books[std::string(root)];
    report.discrepancies_total = book.discrepancies;
    return report;
  }

  std::map<std::string, Book> books;
  std::vector<std::string> verified;
  absl::Duration takes;
  bool away = false;

 private:
  VirtualClock& clock_;
};

class VerifyWalkTest : public ::testing::Test {
 protected:
  VerifyWalkTest() {
    options_.on_drift = [this](absl::string_view root, const VerifyReport&) {
      drifted_.emplace_back(root);
    };
  }

  VerifyWalk Walk() { return VerifyWalk(store_, clock_, options_, meters_); }

  // As many steps, each when its time has come.
  void Go(VerifyWalk& walk, int steps) {
    for (int i = 0; i < steps; ++i) {
      walk.Step();
      clock_.Advance(options_.interval);
    }
  }

  using Strings = std::vector<std::string>;

  VirtualClock clock_;
  MemoryStore memory_{{.clock = [this] { return clock_.Now(); }}};
  BookStore store_{memory_, clock_};
  VerifyWalkOptions options_;
  ServiceMeters meters_;
  Strings drifted_;
};

TEST_F(VerifyWalkTest, GoesFromRootToRootAndBeginsAnew) {
  store_.books = {{"a", {}}, {"b", {}}, {"c", {}}};
  VerifyWalk walk = Walk();
  Go(walk, 5);  // one of them is the end
  EXPECT_EQ(store_.verified, (Strings{"a", "b", "c", "a"}));
  EXPECT_EQ(meters_.verify_clean.value(), 4);
  EXPECT_NE(meters_.verify_last_pass_nanos.value(), ServiceMeters::kUnknown);
}

TEST_F(VerifyWalkTest, APassThatBeganInTheMiddleIsNoWholeOne) {
  store_.books = {{"a", {}}, {"b", {}}};
  options_.after = "a";
  VerifyWalk walk = Walk();
  Go(walk, 2);
  EXPECT_EQ(store_.verified, Strings{"b"});
  EXPECT_EQ(meters_.verify_last_pass_nanos.value(), ServiceMeters::kUnknown);
  Go(walk, 3);
  EXPECT_NE(meters_.verify_last_pass_nanos.value(), ServiceMeters::kUnknown);
}

TEST_F(VerifyWalkTest, ShowsDriftUntilItIsGone) {
  store_.books = {{"a", {.discrepancies = 2}}, {"b", {.discrepancies = 3}}};
  VerifyWalk walk = Walk();
  Go(walk, 3);
  EXPECT_EQ(meters_.verify_drift.value(), 5);
  EXPECT_EQ(drifted_, (Strings{"a", "b"}));
  store_.books["a"].discrepancies = 0;
  Go(walk, 1);
  EXPECT_EQ(meters_.verify_drift.value(), 3);
  EXPECT_EQ(meters_.verify_drifted.value(), 2);
}

TEST_F(VerifyWalkTest, LeavesOutLongLedgers) {
  store_.books = {{"a", {.entries = 11}}, {"b", {.entries = 10}}};
  options_.entries_max = 10;
  VerifyWalk walk = Walk();
  Go(walk, 2);
  EXPECT_EQ(store_.verified, Strings{"b"});
  EXPECT_EQ(meters_.verify_skipped.value(), 1);
}

TEST_F(VerifyWalkTest, PausesFiftyTimesAsLongAsItTook) {
  store_.books = {{"a", {}}, {"b", {}}};
  store_.takes = absl::Minutes(1);
  VerifyWalk walk = Walk();
  walk.Step();
  clock_.Advance(absl::Minutes(49));
  walk.Step();
  EXPECT_EQ(store_.verified, Strings{"a"});
  clock_.Advance(absl::Minutes(1));
  walk.Step();
  EXPECT_EQ(store_.verified, (Strings{"a", "b"}));
}

TEST_F(VerifyWalkTest, CountsWhatItCouldNotRead) {
  store_.books = {{"a", {}}};
  store_.away = true;
  VerifyWalk walk = Walk();
  Go(walk, 1);
  EXPECT_EQ(meters_.verify_failed.value(), 1);
  EXPECT_EQ(store_.verified, Strings{});
}

}  // namespace
}  // namespace budget::testing
