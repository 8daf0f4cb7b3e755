#ifndef BUDGET_TESTS_MODEL_COMPARE_H_
#define BUDGET_TESTS_MODEL_COMPARE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/domain/outcome.h"
#include "server/domain/working_set.h"
#include "tests/model/model.h"

namespace budget::model {

// Says where the engine and the model of one root disagree. Keeps track of
// which limit of the one is which of the other; for this it must be shown each
// set in which limits were added, in the order of their numbers.
class Comparer {
 public:
  // Each returns the disagreements, a line for each; empty if there are none.
  std::string Compare(const Operation& operation, const Prediction& expected,
                      const Outcome& outcome, const Model& model,
                      const WorkingSet& set, absl::Time now);
  std::string CompareChain(absl::string_view path,
                           const std::vector<LimitReading>& readings,
                           const Model& model, const WorkingSet& set,
                           absl::Time now);
  // Takes note of the limits in `catalog`, which may hold a part of the root's
  // and some that the model has yet to be told of.
  void MatchLimits(const Model& model, const Catalog& catalog);
  std::string CompareAll(const Model& model, const WorkingSet& set);

 private:
  // The model's number of a limit; -1 if it knows none.
  int IndexOf(LimitId limit);
  template <typename A, typename B>
  void Same(absl::string_view what, const A& model, const B& engine);
  void CompareRefusal(const Prediction& expected, const Refusal& refusal,
                      const Model& model);
  void CompareReservation(const ModelReservation& expected,
                          const Reservation& actual);
  void CompareReading(const LimitReading& reading, const Model& model,
                      absl::Time now);
  void CompareCrossed(const Prediction& expected,
                      const std::vector<Crossing>& crossed);

  absl::flat_hash_map<LimitId, int> limits_;
  std::set<int> matched_;
  std::string differences_;
};

}  // namespace budget::model

#endif  // BUDGET_TESTS_MODEL_COMPARE_H_
