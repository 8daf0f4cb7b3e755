#include "server/lane/sealer.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "server/store/memory/memory_store.h"
#include "tests/support/forwarding_store.h"

namespace budget::testing {
namespace {

// Answers SealLedgers as the test says, and remembers where passes went.
class ScriptedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::StatusOr<SealProgress> SealLedgers(
      const std::string& after_root) override {
    asked.push_back(after_root);
    if (asked.size() > script.size()) return SealProgress();
    return script[asked.size() - 1];
  }
  std::vector<absl::StatusOr<SealProgress>> script;
  std::vector<std::string> asked;
};

class SealerTest : public ::testing::Test {
 protected:
  absl::StatusOr<SealedRun> Run() {
    return SealAll(store_, [] { return false; });
  }

  MemoryStore memory_{{.clock = [] { return absl::UnixEpoch(); }}};
  ScriptedStore store_{memory_};
};

TEST_F(SealerTest, GoesOverAllRoots) {
  store_.script = {SealProgress{.entries = 5, .next_after = "b"},
                   SealProgress{.entries = 7, .broken = {"c"}}};
  const absl::StatusOr<SealedRun> run = Run();
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->entries, 12);
  EXPECT_EQ(run->broken, std::set<std::string>{"c"});
  EXPECT_EQ(store_.asked, (std::vector<std::string>{"", "b"}));
}

TEST_F(SealerTest, BeginsAnewWhereMuchWasLeft) {
  store_.script = {SealProgress{.entries = 4000, .next_after = "b"},
                   SealProgress{}, SealProgress{.entries = 4000},
                   SealProgress{.entries = 3}};
  EXPECT_EQ(Run()->entries, 8003);
  EXPECT_EQ(store_.asked, (std::vector<std::string>{"", "b", "", ""}));
}

TEST_F(SealerTest, LeavesTheRestToARival) {
  store_.script = {
      SealProgress{.entries = 4000, .met_rival = true, .next_after = "b"}};
  EXPECT_EQ(Run()->entries, 4000);
  EXPECT_EQ(store_.asked.size(), 1u);
}

TEST_F(SealerTest, StopsWhenItIsToldTo) {
  store_.script = {SealProgress{.entries = 4000},
                   SealProgress{.entries = 4000}};
  EXPECT_EQ(SealAll(store_, [&] { return store_.asked.size() == 1; })->entries,
            4000);
  EXPECT_EQ(store_.asked.size(), 1u);
}

TEST_F(SealerTest, FailsAsTheStoreDoes) {
  store_.script = {absl::UnavailableError("down")};
  EXPECT_EQ(Run().status(), absl::UnavailableError("down"));
}

}  // namespace
}  // namespace budget::testing
