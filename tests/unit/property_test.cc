#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/model/describe.h"
#include "tests/model/generator.h"
#include "tests/model/lockstep.h"
#include "tests/model/model.h"
#include "tests/model/world.h"

namespace budget::model {
namespace {

constexpr int kOperationsPerSeed = 100;
constexpr int kOperationsPerBatch = 10;

int64_t FromEnvironment(const char* name, int64_t fallback) {
  const char* text = std::getenv(name);
  int64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : fallback;
}

std::string RunSeed(uint64_t seed) {
  Generator generator(seed);
  int left = kOperationsPerSeed;
  return RunLockstep(generator, [&] { return left-- > 0; });
}

// Each shard of this test runs seeds of its own; see CMakeLists.txt.
TEST(PropertyTest, TheModelPredictsEveryOutcomeAndEveryReading) {
  const int64_t first = FromEnvironment("BUDGET_SEED", 1);
  const int64_t seeds = FromEnvironment("BUDGET_SEEDS", 200);
  int failures = 0;
  for (int64_t seed = first; seed < first + seeds && failures < 3; ++seed) {
    const std::string wrong = RunSeed(seed);
    if (wrong.empty()) continue;
    ++failures;
    ADD_FAILURE() << "replay with:\n  BUDGET_SEED=" << seed
                  << " BUDGET_SEEDS=1 bin/property_test "
                     "--gtest_filter=PropertyTest.*\n"
                  << wrong;
  }
}

// Whether `operation` needs something that is loaded before the batch and that
// the batch may have changed: the history of a new limit, or whether there are
// allocations below one.
bool NeedsWhatChanged(const Operation& operation,
                      const std::vector<Operation>& batch) {
  return (std::holds_alternative<SetLimit>(operation) ||
          std::holds_alternative<ArchiveAllocation>(operation)) &&
         std::any_of(batch.begin(), batch.end(), [&](const Operation& other) {
           return other.index() == operation.index();
         });
}

// Runs one seed in batches and one by one; the first answer that differs.
std::string RunBatches(uint64_t seed) {
  World batched, one_by_one;
  Model model(DecideOptions{}.retention);
  Generator generator(seed);
  for (int run = 0; run < kOperationsPerSeed; run += kOperationsPerBatch) {
    const absl::Time now = generator.Advance();
    std::vector<Operation> batch;
    std::vector<std::string> expected;
    while (std::ssize(batch) < kOperationsPerBatch) {
      const Operation operation = generator.Next(model);
      if (NeedsWhatChanged(operation, batch)) continue;
      model.Run(operation, now);
      expected.push_back(Describe(one_by_one.Run(operation, now)));
      batch.push_back(operation);
    }
    const std::vector<Outcome> outcomes = batched.RunBatch(batch, now);
    for (size_t i = 0; i < batch.size(); ++i) {
      const std::string answered = Describe(outcomes[i]);
      if (answered == expected[i]) continue;
      return absl::StrCat("operation ", run + i, " of the batch at ", run, ": ",
                          Describe(batch[i]), "\none by one: ", expected[i],
                          "\nin the batch: ", answered);
    }
  }
  const bool same = batched.LedgerOf("acme") == one_by_one.LedgerOf("acme");
  return same ? "" : "the ledgers differ";
}

// What a batch has looked up must not outlive what changes it.
TEST(PropertyTest, ABatchAnswersWhatItsOperationsWouldOneByOne) {
  const int64_t first = FromEnvironment("BUDGET_SEED", 1);
  const int64_t seeds = FromEnvironment("BUDGET_SEEDS", 200) / 4;
  for (int64_t seed = first; seed < first + seeds; ++seed) {
    const std::string wrong = RunBatches(seed);
    ASSERT_EQ(wrong, "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace budget::model
