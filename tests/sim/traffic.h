#ifndef BUDGET_TESTS_SIM_TRAFFIC_H_
#define BUDGET_TESTS_SIM_TRAFFIC_H_

#include <string>
#include <vector>

#include "server/domain/operation.h"
#include "tests/model/generator.h"
#include "tests/sim/scene.h"

namespace budget::sim {

// What callers ask for, in each root: operations of the model's generator,
// without what would make a long run dull or what the model leaves open.
class Traffic {
 public:
  explicit Traffic(Scene& scene);

  size_t roots() const { return roots_.size(); }
  const std::string& NameOf(size_t root) const { return roots_[root].name; }

  Reserve AnyReserve(size_t root);
  RecordUsage AnyUsage(size_t root);
  // Anything that a caller might ask for: sensible, repeated or wrong.
  Operation Anything(size_t root);
  // What an administrator does.
  Operation AnyChange(size_t root);
  // The same id with something else in it.
  Operation Mutated(size_t root, const Operation& operation);
  std::string AnyPath(size_t root);
  // A part of what was held, or a little more than that.
  PartialAmounts UsageOf(const Amounts& held, int percent);

 private:
  struct Root {
    std::string name;
    model::Generator generator;
  };
  model::Generator& GeneratorOf(size_t root);
  const model::Model& ModelOf(size_t root);
  AdminContext Context();
  Operation Relief(size_t root);
  Operation Fit(size_t root, Operation operation);
  bool IsDull(size_t root, const Operation& operation);

  Scene& scene_;
  std::vector<Root> roots_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_TRAFFIC_H_
