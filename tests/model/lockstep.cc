#include "tests/model/lockstep.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "tests/model/compare.h"
#include "tests/model/describe.h"
#include "tests/model/model.h"
#include "tests/model/world.h"

namespace budget::model {
namespace {

constexpr int kHistoryShown = 100;

class Lockstep {
 public:
  explicit Lockstep(Generator& generator) : generator_(generator) {}

  // Empty, or what went wrong.
  std::string Step() {
    const absl::Time now = generator_.Advance();
    const Operation operation = generator_.Next(model_);
    absl::StrAppend(&operations_, absl::FormatTime(now), " ",
                    Describe(operation), "\n");
    const Prediction expected = model_.Run(operation, now);
    const Outcome outcome = world_.Run(operation, now);
    const std::string path = generator_.AnyPath();
    std::string wrong = comparer_.Compare(operation, expected, outcome, model_,
                                          world_.SetOf("acme"), now);
    wrong += comparer_.CompareChain(path, world_.Read(path, now), model_,
                                    world_.SetOf("acme"), now);
    wrong += comparer_.CompareAll(model_, world_.SetOf("acme"));
    wrong += Problems();
    return wrong.empty() ? "" : wrong + History();
  }

  std::string Verify() {
    world_.Verify();
    const std::string wrong = Problems();
    return wrong.empty() ? "" : wrong + History();
  }

 private:
  std::string Problems() const {
    return absl::StrJoin(world_.problems(), "",
                         [](std::string* out, const std::string& problem) {
                           absl::StrAppend(out, "  ", problem, "\n");
                         });
  }
  std::string History() {
    return absl::StrCat("operations:\n", operations_, "ledger:\n",
                        absl::StrJoin(Describe(world_, kHistoryShown), ""));
  }

  Generator& generator_;
  const DecideOptions options_;
  World world_{options_};
  Model model_{options_.retention};
  Comparer comparer_;
  std::string operations_;
};

}  // namespace

std::string RunLockstep(Generator& generator,
                        const std::function<bool()>& more) {
  Lockstep lockstep(generator);
  while (more()) {
    std::string wrong = lockstep.Step();
    if (!wrong.empty()) return wrong;
  }
  return lockstep.Verify();
}

}  // namespace budget::model
