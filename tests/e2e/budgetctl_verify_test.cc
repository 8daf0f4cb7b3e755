// budgetctl verify and checkpoint: what is wrong with the books is found.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "tests/e2e/budgetctl_fixture.h"
#include "tests/support/postgres_fixture.h"

namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(BudgetctlTest, VerifyEndsWith5WhereTheBooksDisagree) {
  MakeTree();
  Text({"reserve", "acme/search", "--usd", "$4"});
  EXPECT_THAT(Text({"verify", "acme"}), HasSubstr("acme"));
  EXPECT_EQ(Json({"verify", "--all"})["ok"], true);
  verifiable_ = false;
  RunSql(uri_, "UPDATE budget.counters SET spent = spent + 1");
  const CtlRun run = Ctl({"verify", "--all"});
  EXPECT_EQ(run.exit_code, kDiscrepancies);
  EXPECT_THAT(run.out, HasSubstr("counter acme/search life"));
  EXPECT_EQ(Ctl({"verify", "acme", "--json"}).exit_code, kDiscrepancies);
  EXPECT_EQ(Failure(kUsage, {"verify"}).empty(), false);
  EXPECT_THAT(Failure(kError, {"verify", "nobody"}),
              HasSubstr("ALLOCATION_NOT_FOUND"));
}

TEST_F(BudgetctlTest, CheckpointsProveWhatTheLedgerWas) {
  MakeTree();
  Text({"reserve", "acme/search", "--usd", "$4", "--id", kHold});
  const std::string checkpoints = scratch_ / "checkpoints";
  const std::string dump = scratch_ / "ledger";
  // Sealed within --seal-interval.
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(Ctl({"verify", "acme"}).out,
                             "sealed up to entry 4");
  }));
  Text({"checkpoint", "export", "--all", "--out", checkpoints});
  Text({"settle", kHold, "acme", "--usd", "$3"});
  Text({"ledger", "acme", "--out", dump});
  EXPECT_THAT(Text({"checkpoint", "check", checkpoints}),
              HasSubstr("acme: OK, 5 entries"));
  EXPECT_EQ(Text({"checkpoint", "check", checkpoints, "--ledger", dump}),
            "acme: OK, 5 entries\n");

  verifiable_ = false;
  RunSql(uri_,
         "DELETE FROM budget.ledger WHERE sequence > 3; "
         "DELETE FROM budget.seals");
  const CtlRun live = Ctl({"checkpoint", "check", checkpoints});
  EXPECT_EQ(live.exit_code, kDiscrepancies);
  EXPECT_THAT(live.out, HasSubstr("checkpoint at entry 4: the ledger ends at "
                                  "entry 3: what followed was removed"));
  Text({"ledger", "acme", "--out", dump});
  const CtlRun offline = Ctl({"checkpoint", "check", checkpoints, "--ledger",
                              dump});
  EXPECT_EQ(offline.exit_code, kDiscrepancies);
  EXPECT_THAT(offline.out,
              HasSubstr("checkpoint at entry 4: the ledger ends at entry 3"));

  // Another root is compared, whatever became of the first.
  std::ofstream(checkpoints, std::ios::app) << absl::StrReplaceAll(
      ReadFile(checkpoints), {{"\"acme\"", "\"aaaa\""}});
  const CtlRun gone = Ctl({"checkpoint", "check", checkpoints});
  EXPECT_EQ(gone.exit_code, kDiscrepancies);
  EXPECT_THAT(gone.error, HasSubstr("aaaa: LOST, 1 checkpoints"));
  EXPECT_THAT(gone.out, HasSubstr("acme: DISCREPANCIES"));
  EXPECT_THAT(Failure(kUsage, {"checkpoint", "check", dump}),
              HasSubstr("line 1: is no checkpoint"));
  Failure(kUsage, {"checkpoint", "export", "--out", checkpoints});
}

TEST_F(BudgetctlTest, VerifyingNothingIsNoSuccess) {
  EXPECT_THAT(Failure(kError, {"verify", "--all"}),
              HasSubstr("nothing was verified"));
}

TEST_F(BudgetctlTest, VerifyEndsWith5WhereWhatWasAcknowledgedIsNotThere) {
  MakeTree();
  const nlohmann::json held =
      Json({"reserve", "acme/search", "--id", kHold, "--usd", "$4"});
  const std::string sequence = held["ledgerSequence"];
  const std::string file = scratch_ / "acknowledged";
  std::ofstream(file) << "acme " << sequence << " " << kHold << "\n";
  Text({"verify", "--expect", file});
  Text({"verify", "--all", "--at-least", "acme=" + sequence});
  const CtlRun short_of = Ctl({"verify", "--at-least", "acme=1000"});
  EXPECT_EQ(short_of.exit_code, kDiscrepancies);
  EXPECT_THAT(short_of.out, AllOf(HasSubstr(" to 1000: ledger: ends at entry"),
                                  HasSubstr("acknowledged")));
  std::ofstream(file, std::ios::app) << "acme 2 " << kOther << "\n";
  const CtlRun other = Ctl({"verify", "acme", "--expect", file});
  EXPECT_EQ(other.exit_code, kDiscrepancies);
  EXPECT_THAT(other.out, HasSubstr("entry 2: ledger: has another one"));
  const CtlRun gone = Ctl({"verify", "--at-least", "nobody=1"});
  EXPECT_EQ(gone.exit_code, kDiscrepancies);
  EXPECT_THAT(gone.error, HasSubstr("nobody: LOST"));
  EXPECT_THAT(Failure(kUsage, {"verify", "--at-least", "acme"}),
              HasSubstr("acme=4711"));
  EXPECT_THAT(Failure(kUsage, {"verify", "--expect", "/nowhere"}),
              HasSubstr("/nowhere"));
}

}  // namespace
}  // namespace budget::testing
