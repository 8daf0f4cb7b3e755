#ifndef BUDGET_TESTS_MODEL_DESCRIBE_H_
#define BUDGET_TESTS_MODEL_DESCRIBE_H_

#include <string>
#include <vector>

#include "server/domain/operation.h"
#include "server/domain/outcome.h"
#include "tests/model/world.h"

namespace budget {

// An operation in one line, for people who look at a failure.
std::string Describe(const Operation& operation);

// Everything that an outcome says, equal if and only if it says the same.
std::string Describe(const Outcome& outcome);

// The last `max` ledger entries of the root "acme", a line for each.
std::vector<std::string> Describe(World& world, int max);

}  // namespace budget

#endif  // BUDGET_TESTS_MODEL_DESCRIBE_H_
