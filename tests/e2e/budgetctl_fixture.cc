#include "tests/e2e/budgetctl_fixture.h"

#include <sys/wait.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/postgres_fixture.h"

namespace budget::testing {
namespace {

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

Arguments WithDatabase(Arguments flags, const std::string& uri) {
  flags.push_back("--database-url=" + uri);
  flags.push_back("--seal-interval=100ms");
  return flags;
}

}  // namespace

BudgetctlTest::BudgetctlTest(Arguments flags)
    : uri_(FreshDatabase()),
      server_(scratch_, "server", WithDatabase(std::move(flags), uri_)) {}

void BudgetctlTest::SetUp() { ASSERT_TRUE(server_.Serves()) << server_.log(); }

void BudgetctlTest::TearDown() {
  if (!verifiable_) return;
  const CtlRun books = Ctl({"verify", "--all"});
  const bool none = absl::StrContains(books.error, "nothing was verified");
  EXPECT_EQ(books.exit_code, none ? kError : kOk) << books.out << books.error;
}

CtlRun BudgetctlTest::Ctl(const Arguments& arguments) {
  const std::string out = scratch_ / "out";
  const std::string error = scratch_ / "error";
  std::string command = BUDGETCTL_PATH;
  absl::StrAppend(&command, " --endpoint 127.0.0.1:", server_.port());
  for (const std::string& argument : arguments) {
    absl::StrAppend(&command, " ", Quoted(argument));
  }
  absl::StrAppend(&command, " >", out, " 2>", error);
  const int status = std::system(command.c_str());
  return {WEXITSTATUS(status), ReadFile(out), ReadFile(error)};
}

std::string BudgetctlTest::Text(const Arguments& arguments) {
  const CtlRun run = Ctl(arguments);
  EXPECT_EQ(run.exit_code, kOk) << run.error;
  EXPECT_EQ(run.error, "");
  return run.out;
}

nlohmann::json BudgetctlTest::Json(Arguments arguments) {
  arguments.push_back("--json");
  const std::string out = Text(arguments);
  nlohmann::json json = nlohmann::json::parse(out, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << out;
  return json;
}

std::string BudgetctlTest::Failure(int exit_code, const Arguments& arguments) {
  const CtlRun run = Ctl(arguments);
  EXPECT_EQ(run.exit_code, exit_code) << run.out << run.error;
  EXPECT_EQ(run.out, "");
  return run.error;
}

void BudgetctlTest::MakeTree() {
  Text({"allocations", "create", "acme", "--limit",
        "month:usd=$1000/month@Europe/Berlin!80,95"});
  for (const char* path : {"acme/search", "acme/support"}) {
    Text({"allocations", "create", path, "--limit", "life:usd=$10/lifetime"});
  }
}

std::string BudgetctlTest::BootstrapToken() {
  const std::string file = scratch_ / "ops.token";
  const std::string command = absl::StrCat(
      BUDGETD_PATH,
      " token create --principal ops --role admin --subtree '*' ",
      Quoted("--database-url=" + uri_), " >", file, " 2>/dev/null");
  EXPECT_EQ(std::system(command.c_str()), 0);
  return file;
}

}  // namespace budget::testing
