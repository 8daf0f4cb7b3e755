#ifndef BUDGET_TESTS_FUZZ_REQUIRE_H_
#define BUDGET_TESTS_FUZZ_REQUIRE_H_

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"

namespace budget::fuzz {

// Ends the program, as a fuzzer wants it, where something that must hold does
// not.
inline void Require(bool holds, absl::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", std::string(what).c_str());
  std::abort();
}

}  // namespace budget::fuzz

#endif  // BUDGET_TESTS_FUZZ_REQUIRE_H_
