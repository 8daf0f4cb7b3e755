#ifndef BUDGET_TESTS_SIM_ORACLE_H_
#define BUDGET_TESTS_SIM_ORACLE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/load_plan.h"
#include "server/lane/batch.h"
#include "tests/model/compare.h"
#include "tests/model/model.h"
#include "tests/sim/verdicts.h"

namespace budget::sim {

// The independent model of every root. It runs what has been committed, in
// that order, and compares its predictions with the answers.
class Oracle {
 public:
  Oracle(absl::Duration retention, Verdicts& verdicts)
      : retention_(retention), verdicts_(verdicts) {}

  // The operations of a transaction that took effect at `now`. Answers are
  // compared where there are some: a lost reply has none. Returns, for each
  // operation, whether it was to be done.
  std::vector<bool> Run(const RootBatch& batch, bool answered, absl::Time now);

  // Takes note of limits that a commit has added.
  void Meet(absl::string_view root, const Catalog& catalog);

  // Compares what a read of the chain of `path` says.
  void Read(absl::string_view path, const std::vector<LimitReading>& readings,
            const WorkingSet& set, absl::Time now);

  int64_t Purge(absl::Time before);

  const model::Model& ModelOf(absl::string_view root) {
    return RootFor(root).model;
  }

 private:
  struct Root {
    explicit Root(absl::Duration retention) : model(retention) {}
    model::Model model;
    model::Comparer comparer;
  };
  Root& RootFor(absl::string_view name);

  const absl::Duration retention_;
  Verdicts& verdicts_;
  std::map<std::string, Root, std::less<>> roots_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_ORACLE_H_
