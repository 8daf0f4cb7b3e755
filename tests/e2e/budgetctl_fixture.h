#ifndef BUDGET_TESTS_E2E_BUDGETCTL_FIXTURE_H_
#define BUDGET_TESTS_E2E_BUDGETCTL_FIXTURE_H_

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/app/budgetd_process.h"
#include "tests/support/scratch_dir.h"

namespace budget::testing {

using Arguments = std::vector<std::string>;

inline constexpr char kHold[] = "0198c0de-0000-4000-8000-000000000001";
inline constexpr char kOther[] = "0198c0de-0000-4000-8000-000000000002";

// Of budgetctl, as `budgetctl --help` lists them.
enum ExitCode {
  kOk = 0,
  kError = 1,
  kUsage = 2,
  kDenied = 3,
  kUnavailable = 4,
  kDiscrepancies = 5,
  kUnhealthy = 6,
};

// One run of the program.
struct CtlRun {
  int exit_code = -1;
  std::string out;
  std::string error;
};

// budgetctl against a budgetd process with a database of its own, whose books
// must agree at the end.
class BudgetctlTest : public ::testing::Test {
 protected:
  BudgetctlTest() : BudgetctlTest(Arguments()) {}
  // `flags`: of the server, beside those for the database and fast seals.
  explicit BudgetctlTest(Arguments flags);

  void SetUp() override;
  void TearDown() override;

  CtlRun Ctl(const Arguments& arguments);

  // What a command that succeeds says.
  std::string Text(const Arguments& arguments);

  // The same with --json.
  nlohmann::json Json(Arguments arguments);

  // What a command that fails with `exit_code` says; it prints nothing else.
  std::string Failure(int exit_code, const Arguments& arguments);

  // acme with a month, and two siblings below with a lifetime cap each.
  void MakeTree();

  // A file with a token that budgetd made straight in the database.
  std::string BootstrapToken();

  ScratchDir scratch_;
  const std::string uri_;
  Budgetd server_;
  bool verifiable_ = true;  // false for a test that spoils the books
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_E2E_BUDGETCTL_FIXTURE_H_
