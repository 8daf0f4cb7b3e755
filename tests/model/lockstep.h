#ifndef BUDGET_TESTS_MODEL_LOCKSTEP_H_
#define BUDGET_TESTS_MODEL_LOCKSTEP_H_

#include <functional>
#include <string>

#include "tests/model/generator.h"

namespace budget::model {

// Runs the operations of `generator` against the engine and the model while
// `more` says so, comparing every outcome and every reading, and folds the
// ledger at the end. Returns the first disagreement with all that led to it;
// empty if there is none.
std::string RunLockstep(Generator& generator,
                        const std::function<bool()>& more);

}  // namespace budget::model

#endif  // BUDGET_TESTS_MODEL_LOCKSTEP_H_
