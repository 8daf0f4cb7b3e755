#ifndef BUDGET_TESTS_BENCH_FLAGS_H_
#define BUDGET_TESTS_BENCH_FLAGS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/load_command.h"
#include "tests/bench/suite.h"

namespace budget::bench {

enum class Command { kSuite, kLoad, kNullServer };

// What the command line asks for.
struct Invocation {
  Command command = Command::kSuite;
  SuiteOptions suite;
  std::string out = "out/bench";   // kSuite
  std::string commit = "unknown";  // kSuite
  LoadOptions load;                // kLoad
  std::string answers;             // kNullServer
  std::string port_file;           // kNullServer
  // Set: print `text` and end with it. 0 for help, 2 for what is wrong.
  int exit_code = -1;
  std::string text;
};

Invocation ParseInvocation(int argc, const char* const* argv);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_FLAGS_H_
