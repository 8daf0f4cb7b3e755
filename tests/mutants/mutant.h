#ifndef BUDGET_TESTS_MUTANTS_MUTANT_H_
#define BUDGET_TESTS_MUTANTS_MUTANT_H_

#include <cstdlib>
#include <string>

namespace budget {

// Whether the mutant of that name was chosen for this process. Only the copy of
// the product that tests/mutants/run makes includes this, and only where it has
// a mutant.
inline bool IsMutant(const char* name) {
  static const std::string chosen = [] {
    const char* const text = std::getenv("BUDGET_MUTANT");
    return std::string(text == nullptr ? "" : text);
  }();
  return chosen == name;
}

}  // namespace budget

#endif  // BUDGET_TESTS_MUTANTS_MUTANT_H_
