// budgetctl doctor: what it says of a deployment, sound and unsound.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/e2e/budgetctl_fixture.h"
#include "tests/support/postgres_fixture.h"

namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(BudgetctlTest, DoctorFindsNothingWrongWithAHealthyReplica) {
  MakeTree();
  EXPECT_THAT(Text({"doctor"}),
              AllOf(HasSubstr("serves"), HasSubstr("clock agrees"),
                    HasSubstr("plain text, on this machine only"),
                    HasSubstr("ledger and counters agree"),
                    HasSubstr("--database-url"), HasSubstr("0 problems")));
  const nlohmann::json json = Json({"doctor", "--verify-roots", "0"});
  EXPECT_EQ(json["healthy"], true);
}

TEST_F(BudgetctlTest, DoctorLooksAtTheDatabase) {
  MakeTree();
  EXPECT_THAT(Ctl({"doctor", "--database-url", uri_}).out,
              AllOf(HasSubstr("schema is at migration"),
                    HasSubstr("nothing that has expired waits"),
                    HasSubstr("archived")));
  const std::string database = RunSql(uri_, "SELECT current_database()");
  RunSql(uri_, absl::StrCat("ALTER DATABASE \"", database,
                            "\" SET synchronous_commit = off"));
  EXPECT_THAT(Ctl({"doctor", "--database-url", uri_}).out,
              AllOf(HasSubstr("warning  database: synchronous_commit is off"),
                    HasSubstr("remedy: ALTER SYSTEM")));
}

TEST_F(BudgetctlTest, DoctorSeesWhatIsNotLocked) {
  MakeTree();
  BootstrapToken();
  EXPECT_THAT(Ctl({"doctor", "--database-url", uri_}).out,
              AllOf(HasSubstr("asks nobody who they are"),
                    HasSubstr("is a superuser"),
                    HasSubstr("no trigger refuses changes of access_log, "
                              "ledger, seals"),
                    HasSubstr("no entry has been without a seal for long"),
                    HasSubstr("without an end: 1 (")));
}

TEST_F(BudgetctlTest, DoctorLooksAtTheRoleOfTheService) {
  MakeTree();
  MakeRoles(uri_);
  const std::string service = AsMemberOf("budget_service", uri_);
  EXPECT_THAT(Ctl({"doctor", "--database-url", service}).out,
              AllOf(HasSubstr("cannot change what is written"),
                    HasSubstr("triggers refuse changes"),
                    HasSubstr("every administrator's token has an end")));
  RunSql(uri_, "GRANT DELETE ON budget.ledger TO budget_service");
  RunSql(uri_, "GRANT UPDATE (meters) ON budget.prices TO budget_service");
  RunSql(uri_, "ALTER TABLE budget.seals DISABLE TRIGGER append_only");
  EXPECT_THAT(Ctl({"doctor", "--database-url", service}).out,
              AllOf(HasSubstr("must only grow: ledger, prices"),
                    HasSubstr("turned off on seals")));
  EXPECT_THAT(
      Ctl({"doctor", "--database-url", AsMemberOf("budget_reader", uri_)}).out,
      HasSubstr("tokens cannot be seen"));
}

TEST_F(BudgetctlTest, DoctorSaysWhatIsWrong) {
  MakeTree();
  Text({"reserve", "acme/search", "--usd", "$4"});
  verifiable_ = false;
  RunSql(uri_, "UPDATE budget.counters SET spent = spent + 1");
  const CtlRun drift = Ctl({"doctor"});
  EXPECT_EQ(drift.exit_code, kUnhealthy);
  EXPECT_THAT(drift.out, AllOf(HasSubstr("PROBLEM  acme: "),
                               HasSubstr("disagree with the ledger")));
  EXPECT_THAT(Failure(kUsage, {"doctor", "--database-url-file", "/none"}),
              HasSubstr("/none"));
  server_.Send(SIGTERM);
  server_.Wait();
  const CtlRun down = Ctl({"doctor", "--timeout", "1s", "--json"});
  EXPECT_EQ(down.exit_code, kUnhealthy);
  EXPECT_EQ(nlohmann::json::parse(down.out)["findings"][0]["check"], "serving");
}

}  // namespace
}  // namespace budget::testing
