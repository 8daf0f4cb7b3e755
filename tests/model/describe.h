#ifndef BUDGET_TESTS_MODEL_DESCRIBE_H_
#define BUDGET_TESTS_MODEL_DESCRIBE_H_

#include <string>
#include <vector>

#include "server/domain/operation.h"
#include "tests/model/world.h"

namespace budget {

// An operation in one line, for people who look at a failure.
std::string Describe(const Operation& operation);

// The last `max` ledger entries of the root "acme", a line for each.
std::vector<std::string> Describe(World& world, int max);

}  // namespace budget

#endif  // BUDGET_TESTS_MODEL_DESCRIBE_H_
