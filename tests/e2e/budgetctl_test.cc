// Every command of budgetctl against a budgetd process: what it says, that
// --json is JSON, and its exit code.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/app/budgetd_process.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/test_ca.h"

namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Arguments = std::vector<std::string>;

constexpr char kHold[] = "0198c0de-0000-4000-8000-000000000001";
constexpr char kOther[] = "0198c0de-0000-4000-8000-000000000002";

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

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

class BudgetctlTest : public ::testing::Test {
 protected:
  BudgetctlTest() : BudgetctlTest(Arguments()) {}
  explicit BudgetctlTest(Arguments flags)
      : uri_(FreshDatabase()), server_(scratch_, "server", [&] {
          flags.push_back("--database-url=" + uri_);
          flags.push_back("--seal-interval=100ms");
          return flags;
        }()) {}

  void SetUp() override { ASSERT_TRUE(server_.Serves()) << server_.log(); }

  void TearDown() override {
    if (!verifiable_) return;
    EXPECT_EQ(Ctl({"verify", "--all"}).exit_code, kOk);
  }

  CtlRun Ctl(const Arguments& arguments) {
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

  // A file with a token that budgetd made straight in the database.
  std::string BootstrapToken() {
    const std::string file = scratch_ / "ops.token";
    const std::string command = absl::StrCat(
        BUDGETD_PATH,
        " token create --principal ops --role admin --subtree '*' ",
        Quoted("--database-url=" + uri_), " >", file, " 2>/dev/null");
    EXPECT_EQ(std::system(command.c_str()), 0);
    return file;
  }

  // What a command that succeeds says.
  std::string Text(const Arguments& arguments) {
    const CtlRun run = Ctl(arguments);
    EXPECT_EQ(run.exit_code, kOk) << run.error;
    EXPECT_EQ(run.error, "");
    return run.out;
  }

  // The same with --json.
  nlohmann::json Json(Arguments arguments) {
    arguments.push_back("--json");
    const std::string out = Text(arguments);
    nlohmann::json json = nlohmann::json::parse(out, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << out;
    return json;
  }

  // What a command that fails with `exit_code` says; it prints nothing else.
  std::string Failure(int exit_code, const Arguments& arguments) {
    const CtlRun run = Ctl(arguments);
    EXPECT_EQ(run.exit_code, exit_code) << run.out << run.error;
    EXPECT_EQ(run.out, "");
    return run.error;
  }

  // acme with a month, and two siblings below with a lifetime cap each.
  void MakeTree() {
    Text({"allocations", "create", "acme", "--limit",
          "month:usd=$1000/month@Europe/Berlin!80,95"});
    for (const char* path : {"acme/search", "acme/support"}) {
      Text({"allocations", "create", path, "--limit", "life:usd=$10/lifetime"});
    }
  }

  ScratchDir scratch_;
  const std::string uri_;
  Budgetd server_;
  bool verifiable_ = true;
};

TEST_F(BudgetctlTest, Allocations) {
  EXPECT_THAT(Text({"allocations", "create", "acme/search/key-17", "--parents",
                    "--name", "Key 17", "--label", "team=search", "--limit",
                    "day:tokens=1M/day", "--limit", "burst:usd=$5/rolling:5h",
                    "--on-expiry", "settle-held"}),
              AllOf(HasSubstr("acme/search/key-17"), HasSubstr("Key 17"),
                    HasSubstr("burst")));
  EXPECT_THAT(Text({"allocations", "list"}),
              AllOf(HasSubstr("acme"), HasSubstr("key-17")));
  EXPECT_EQ(Json({"allocations", "list"})["allocations"].size(), 3u);
  EXPECT_EQ(Json({"allocations", "list", "acme/search"})["allocations"].size(),
            2u);
  EXPECT_THAT(Text({"allocations", "update", "acme/search", "--name", "Search",
                    "--label", "cost=42", "--overage", "report"}),
              HasSubstr("Search"));
  const nlohmann::json search = Json({"allocations", "get", "acme/search"});
  EXPECT_EQ(search["allocation"]["displayName"], "Search");
  EXPECT_EQ(search["allocation"]["labels"]["cost"], "42");
  EXPECT_THAT(Failure(kError, {"allocations", "update", "acme/search", "--name",
                               "x", "--etag", "stale"}),
              HasSubstr("etag"));
  EXPECT_THAT(Failure(kUsage, {"allocations", "update", "acme/search"}),
              HasSubstr("at least one thing"));
  EXPECT_THAT(Failure(kError, {"allocations", "archive", "acme/search"}),
              HasSubstr("ALLOCATION_NOT_EMPTY"));
  EXPECT_THAT(Text({"allocations", "archive", "acme/search/key-17"}),
              HasSubstr("archived"));
  EXPECT_EQ(Json({"allocations", "list"})["allocations"].size(), 2u);
  EXPECT_EQ(Json({"allocations", "list", "--archived"})["allocations"].size(),
            3u);
  EXPECT_THAT(Failure(kError, {"allocations", "create", "acme"}),
              AllOf(HasSubstr("ALLOCATION_EXISTS"), HasSubstr("remedy")));
  EXPECT_THAT(Failure(kError, {"allocations", "get", "acme/nobody"}),
              HasSubstr("ALLOCATION_NOT_FOUND"));
}

TEST_F(BudgetctlTest, Limits) {
  MakeTree();
  EXPECT_THAT(Text({"limits", "set", "acme", "day:tokens=2M/day"}),
              AllOf(HasSubstr("day"), HasSubstr("2,000,000")));
  EXPECT_EQ(
      Json({"limits", "set", "acme", "day:tokens=3M/day"})["status"]["cap"],
      "3000000");
  EXPECT_THAT(Failure(kUsage, {"limits", "set", "acme", "day:apples=3"}),
              HasSubstr("apples"));
  EXPECT_THAT(Text({"limits", "remove", "acme", "day"}),
              AllOf(HasSubstr("month"), Not(HasSubstr("tokens"))));
  EXPECT_THAT(Failure(kError, {"limits", "remove", "acme", "day"}),
              HasSubstr("LIMIT_NOT_FOUND"));
}

TEST_F(BudgetctlTest, HoldsFromReserveToSettle) {
  MakeTree();
  EXPECT_THAT(Text({"reserve", "acme/search", "--usd", "$4", "--tokens", "3k",
                    "--id", kHold, "--ttl", "5m", "--tag", "model=small"}),
              AllOf(HasSubstr(kHold), HasSubstr("$4.00"), HasSubstr("life")));
  EXPECT_THAT(Text({"reserve", "acme/search", "--usd", "$9", "--minimum-usd",
                    "$1", "--validate-only"}),
              HasSubstr("$6.00"));
  EXPECT_EQ(Json({"adjust-reservation", kHold, "acme", "--usd", "$5", "--ttl",
                  "10m"})["reservation"]["held"]["usdNanos"],
            "5000000000");
  EXPECT_THAT(Text({"settle", kHold, "acme", "--usd", "$1", "--partial"}),
              HasSubstr("$1.00"));
  EXPECT_THAT(Text({"reservations", "get", kHold, "acme"}),
              HasSubstr("model=small"));
  EXPECT_THAT(Text({"reservations", "list", "acme", "--state", "open"}),
              HasSubstr(kHold));
  EXPECT_EQ(Json({"settle", kHold, "acme", "--usd", "$2", "--tokens",
                  "1240"})["reservation"]["state"],
            "RESERVATION_STATE_SETTLED");
  EXPECT_EQ(
      Json({"reservations", "list", "acme", "--state", "open"})["reservations"]
          .size(),
      0u);
  EXPECT_EQ(Json({"reservations", "get", kHold,
                  "acme"})["reservation"]["spent"]["tokens"],
            "1240");
  EXPECT_THAT(
      Failure(kUsage, {"reservations", "list", "acme", "--state", "asleep"}),
      HasSubstr("--state"));
  Text({"reserve", "acme/search", "--usd", "$1", "--id", kOther});
  EXPECT_THAT(Text({"release", kOther, "acme"}), HasSubstr("released"));
  EXPECT_THAT(Failure(kError, {"settle", kHold, "acme", "--usd", "$3"}),
              HasSubstr("RESERVATION_SETTLED"));
  EXPECT_THAT(
      Failure(kError, {"reserve", "acme/search", "--usd", "$1", "--id", kHold}),
      HasSubstr("IDEMPOTENCY_MISMATCH"));
}

TEST_F(BudgetctlTest, BalancesFreezesAndTransfers) {
  MakeTree();
  EXPECT_THAT(Text({"record-usage", "acme/search", "--usd", "$12"}),
              HasSubstr("$2.00"));  // the overage
  EXPECT_THAT(Text({"adjust", "acme/search", "--amount=-$4", "--limit", "life",
                    "--reason", "goodwill"}),
              AllOf(HasSubstr("life"), HasSubstr("$8.00")));
  EXPECT_THAT(Failure(kError, {"adjust", "acme/search", "--amount=-$9",
                               "--limit", "life", "--reason", "too much"}),
              HasSubstr("CREDIT_EXCEEDS_SPENT"));
  EXPECT_EQ(Json({"transfer", "acme/support:life", "acme/search:life", "$3",
                  "--reason", "launch"})["to"]["limits"][0]["cap"],
            "13000000000");
  EXPECT_THAT(
      Failure(kUsage, {"transfer", "acme/support", "acme/search", "$3"}),
      HasSubstr("ALLOCATION:LIMIT"));
  EXPECT_THAT(Text({"freeze", "acme/search", "--reason", "abuse"}),
              HasSubstr("abuse"));
  EXPECT_THAT(Failure(kDenied, {"reserve", "acme/search", "--usd", "$1"}),
              AllOf(HasSubstr("ALLOCATION_FROZEN"), HasSubstr("abuse")));
  EXPECT_THAT(Text({"unfreeze", "acme/search"}), Not(HasSubstr("abuse")));
  Text({"reserve", "acme/search", "--usd", "$1", "--id", kHold});
}

TEST_F(BudgetctlTest, Prices) {
  MakeTree();
  const std::string file = scratch_ / "prices.json";
  std::ofstream(file) << R"({"small": {"input_tokens": "$2.50"}})";
  EXPECT_THAT(Text({"prices", "set", "acme", file}), HasSubstr("version 1"));
  EXPECT_THAT(Text({"prices", "get", "acme"}),
              AllOf(HasSubstr("small"), HasSubstr("$2.50")));
  EXPECT_EQ(Json({"prices", "get", "acme"})["version"], "1");
  EXPECT_EQ(Json({"reserve", "acme/search", "--model", "small", "--meter",
                  "input_tokens=1000000"})["reservation"]["held"]["usdNanos"],
            "2500000000");
  EXPECT_THAT(
      Failure(kError, {"prices", "set", "acme", file, "--replaces", "7"}),
      HasSubstr("ETAG_MISMATCH"));
  EXPECT_THAT(Failure(kUsage, {"prices", "set", "acme", scratch_ / "none"}),
              HasSubstr("cannot read"));
}

TEST_F(BudgetctlTest, Reads) {
  MakeTree();
  Text({"reserve", "acme/search", "--usd", "$4", "--id", kHold});
  EXPECT_THAT(Failure(kDenied, {"reserve", "acme/search", "--usd", "$7"}),
              AllOf(HasSubstr("BUDGET_EXHAUSTED"), HasSubstr("acme/search"),
                    HasSubstr("affordable $6.00"), HasSubstr("remedy")));
  EXPECT_THAT(Text({"remaining", "acme/search"}),
              AllOf(HasSubstr("month"), HasSubstr("life"), HasSubstr("$6.00")));
  EXPECT_EQ(Json({"remaining", "acme/search"})["limits"].size(), 2u);
  EXPECT_THAT(Text({"watch", "acme/search", "--count", "1"}),
              HasSubstr("$6.00"));
  EXPECT_EQ(Json({"watch", "acme/search", "--count", "1"})["limits"].size(),
            2u);
  EXPECT_THAT(Text({"ledger", "acme"}), HasSubstr("reserve"));
  const nlohmann::json ledger = Json({"ledger", "acme", "--after", "3"});
  ASSERT_FALSE(ledger["entries"].empty());
  EXPECT_EQ(ledger["entries"][0]["sequence"], "4");
  EXPECT_EQ(Json({"ledger", "acme", "--reservation", kHold})["entries"].size(),
            1u);
  EXPECT_EQ(Json({"ledger", "acme", "--max", "2"})["entries"].size(), 2u);
  // Written once a second.
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(Ctl({"denials", "acme"}).out, "BUDGET_EXHAUSTED");
  }));
  EXPECT_EQ(Json({"denials", "acme"})["denials"][0]["denials"], "1");
}

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
  EXPECT_THAT(Failure(kUsage, {"checkpoint", "check", dump}),
              HasSubstr("line 1: is no checkpoint"));
  Failure(kUsage, {"checkpoint", "export", "--out", checkpoints});
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

TEST_F(BudgetctlTest, WaitReadyAndTheExitCodesOfUse) {
  EXPECT_THAT(Text({"wait-ready"}), HasSubstr("serves"));
  EXPECT_THAT(Text({"--help"}), HasSubstr("Exit codes"));
  Failure(kUsage, {"fly"});
  Failure(kUsage, {"reserve"});
  EXPECT_THAT(Failure(kUsage, {"reserve", "acme", "--usd", "much"}),
              HasSubstr("much"));
  EXPECT_THAT(Failure(kUsage, {"remaining", "acme", "--timeout", "soon"}),
              HasSubstr("--timeout"));
  server_.Send(SIGTERM);
  server_.Wait();
  EXPECT_THAT(Failure(kUnavailable, {"remaining", "acme", "--timeout", "1s"}),
              HasSubstr("--endpoint"));
  EXPECT_THAT(Failure(kUnavailable, {"wait-ready", "--timeout", "1s"}),
              HasSubstr("not ready"));
  verifiable_ = false;
}

// A server that asks who calls.
class BudgetctlAuthTest : public BudgetctlTest {
 protected:
  BudgetctlAuthTest() : BudgetctlTest(Arguments{"--auth=required"}) {}

  void SetUp() override {
    BudgetctlTest::SetUp();
    token_file_ = BootstrapToken();
    token_ = ReadFile(token_file_);
    // The server looks once a second.
    ASSERT_TRUE(Eventually([&] {
      return Ctl(Ops({"allocations", "list"})).exit_code == kOk;
    }));
    for (const char* path : {"acme", "acme/search", "acme/ads"}) {
      Text(Ops({"allocations", "create", path, "--limit",
                "life:tokens=1000/lifetime"}));
    }
  }
  void TearDown() override {
    EXPECT_EQ(Ctl(Ops({"verify", "--all"})).exit_code, kOk);
    // What is secret of a token is in no log.
    for (const std::string& token : secrets_) {
      EXPECT_THAT(server_.log(), Not(HasSubstr(token.substr(21, 43))));
    }
  }

  // The command as the first administrator gives it.
  Arguments Ops(Arguments command) const {
    return As(token_file_, std::move(command));
  }
  Arguments As(const std::string& token_file, Arguments command) const {
    command.insert(command.end(), {"--token-file", token_file});
    return command;
  }
  // A file with a new token.
  std::string Make(const Arguments& arguments) {
    Arguments command = {"token", "create"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const nlohmann::json made = Json(Ops(std::move(command)));
    const std::string file = scratch_ / absl::StrCat("token", secrets_.size());
    secrets_.push_back(made["secret"]);
    ids_.push_back(made["token"]["tokenId"]);
    std::ofstream(file) << secrets_.back();
    return file;
  }

  std::string token_file_;
  std::string token_;
  std::vector<std::string> secrets_;
  std::vector<std::string> ids_;
};

TEST_F(BudgetctlAuthTest, TokensLetTheirBearersInUntilTheyAreRevoked) {
  secrets_.push_back(token_);
  ids_.push_back("");
  EXPECT_THAT(Failure(kError, {"remaining", "acme/search"}),
              AllOf(HasSubstr("UNAUTHENTICATED"), HasSubstr("--token-file")));
  const std::string gateway =
      Make({"--principal", "gateway-eu", "--subtree", "acme/search", "--role",
            "gateway", "--ttl", "90d"});
  Text(As(gateway, {"reserve", "acme/search", "--tokens", "5", "--id", kHold}));
  EXPECT_THAT(Text(As(gateway, {"remaining", "acme/search"})),
              HasSubstr("hidden"));
  EXPECT_THAT(Failure(kError, As(gateway, {"reserve", "acme/ads"})),
              HasSubstr("ALLOCATION_NOT_FOUND"));
  EXPECT_THAT(Failure(kError, As(gateway, {"limits", "set", "acme/search",
                                           "day:tokens=1/day"})),
              HasSubstr("PERMISSION_DENIED"));
  EXPECT_THAT(Text(Ops({"token", "list"})),
              AllOf(HasSubstr("gateway-eu"), HasSubstr("good"),
                    HasSubstr("never"), Not(HasSubstr(secrets_.back()))));
  EXPECT_THAT(Text(Ops({"token", "revoke", ids_.back()})),
              HasSubstr("revoked"));
  EXPECT_THAT(Failure(kError, As(gateway, {"settle", kHold, "acme"})),
              HasSubstr("revoked"));
  EXPECT_THAT(Failure(kError, Ops({"token", "revoke", "none"})),
              HasSubstr("TOKEN_NOT_FOUND"));
  Text(Ops({"settle", kHold, "acme", "--tokens", "4"}));
  EXPECT_THAT(Text(Ops({"ledger", "acme"})),
              AllOf(HasSubstr("gateway-eu"), HasSubstr("ops")));
}

TEST_F(BudgetctlAuthTest, GrantsAndTheirLog) {
  const std::string viewer =
      Make({"--principal", "dash", "--subtree", "*"});
  EXPECT_THAT(Failure(kError, As(viewer, {"remaining", "acme"})),
              AllOf(HasSubstr("PERMISSION_DENIED"), HasSubstr("grants add")));
  EXPECT_THAT(Text(Ops({"grants", "add", "dash", "viewer", "acme/search"})),
              HasSubstr("viewer"));
  Text(As(viewer, {"remaining", "acme/search"}));
  EXPECT_EQ(Json(As(viewer, {"allocations", "list"}))["allocations"].size(),
            1u);
  EXPECT_EQ(Json(Ops({"grants", "list", "--principal", "dash"}))["grants"][0]
                ["subtree"],
            "acme/search");
  EXPECT_THAT(
      Text(Ops({"grants", "remove", "dash", "viewer", "acme/search"})),
      HasSubstr("removed"));
  EXPECT_THAT(Failure(kError, As(viewer, {"remaining", "acme/search"})),
              HasSubstr("PERMISSION_DENIED"));
  EXPECT_THAT(Text(Ops({"access-log"})),
              AllOf(HasSubstr("role viewer in acme/search"), HasSubstr("none"),
                    HasSubstr("remove_grant"),
                    HasSubstr("budgetd token create")));
  EXPECT_EQ(Json(Ops({"access-log", "--max", "2"}))["changes"].size(), 2u);
  EXPECT_THAT(Failure(kUsage, Ops({"grants", "add", "dash", "king", "*"})),
              HasSubstr("king"));
}

// Pages hold fewer entries than asked for where others' are left out.
TEST_F(BudgetctlAuthTest, ListsGoOnOverWhatIsLeftOut) {
  const std::string auditor =
      Make({"--principal", "audit", "--subtree", "acme/ads", "--role",
            "auditor"});
  for (const char* path : {"acme/search", "acme/ads", "acme/search"}) {
    Text(Ops({"reserve", path, "--tokens", "1"}));
  }
  const nlohmann::json ledger =
      Json(As(auditor, {"ledger", "acme", "--max", "3"}));
  EXPECT_EQ(ledger["entries"].size(), 2u);  // it was made, and held
}

// Pairs for a server and an administrator of one authority.
struct IdentityFiles {
  IdentityFiles() {
    const auto put = [&](const char* name, const std::string& content) {
      ReplaceFile(identity_dir / name, content);
    };
    const PemPair server = ca.IssueServer();
    const PemPair admin = ca.Issue({.names = {"URI:spiffe://prod/admin"}});
    put("ca", ca.certificate());
    put("server.crt", server.certificate);
    put("server.key", server.key);
    put("admin.crt", admin.certificate);
    put("admin.key", admin.key);
  }

  Arguments ServerFlags() const {
    return {"--tls-cert=" + identity_dir / "server.crt",
            "--tls-key=" + identity_dir / "server.key",
            "--tls-client-ca=" + identity_dir / "ca",
            "--tls-client-auth=require", "--spiffe-trust-domain=prod"};
  }
  Arguments Admin(Arguments command) const {
    command.insert(command.end(),
                   {"--tls-ca", identity_dir / "ca", "--tls-cert",
                    identity_dir / "admin.crt", "--tls-key",
                    identity_dir / "admin.key"});
    return command;
  }

  const ScratchDir identity_dir;
  const TestCa ca{"authority"};
};

// The files are there before the server is.
class BudgetctlTlsTest : public IdentityFiles, public BudgetctlTest {
 protected:
  BudgetctlTlsTest() : BudgetctlTest(ServerFlags()) {}
  void TearDown() override {}

  // Lets the principal of admin.crt do everything.
  void MakeAdmin() {
    const Arguments grant =
        Admin({"grants", "add", "spiffe://prod/admin", "admin", "*",
               "--token-file", BootstrapToken()});
    // The server looks for new tokens once a second.
    ASSERT_TRUE(Eventually([&] { return Ctl(grant).exit_code == kOk; }));
  }
};

TEST_F(BudgetctlTlsTest, SpeaksTlsBothWays) {
  EXPECT_THAT(Text(Admin({"wait-ready"})), HasSubstr("serves"));
  EXPECT_THAT(Failure(kError, Admin({"allocations", "create", "acme"})),
              AllOf(HasSubstr("PERMISSION_DENIED"),
                    HasSubstr("spiffe://prod/admin")));
  MakeAdmin();
  Text(Admin({"allocations", "create", "acme"}));
  EXPECT_THAT(Text(Admin({"ledger", "acme"})),
              HasSubstr("spiffe://prod/admin"));
  EXPECT_THAT(Text(Admin({"allocations", "get", "acme"})), HasSubstr("acme"));
  EXPECT_THAT(server_.log(), HasSubstr("\"tls_certificate\",\"expires\":"));
}

TEST_F(BudgetctlTlsTest, WithoutACertificateNobodyGetsIn) {
  Text(Admin({"wait-ready"}));
  Failure(kUnavailable, {"remaining", "acme", "--timeout", "1s"});
  Failure(kUnavailable, {"remaining", "acme", "--timeout", "1s", "--tls-ca",
                         identity_dir / "ca"});
}

TEST_F(BudgetctlTlsTest, DoctorIsSecuredAsEveryCommandIs) {
  Text(Admin({"wait-ready"}));
  MakeAdmin();
  EXPECT_THAT(Text(Admin({"doctor"})),
              AllOf(HasSubstr("lets this client in"), HasSubstr("admin.crt"),
                    HasSubstr("expires in"), HasSubstr("is release"),
                    HasSubstr("0 problems")));
  const CtlRun stranger =
      Ctl({"doctor", "--timeout", "1s", "--tls-ca", identity_dir / "ca"});
  EXPECT_EQ(stranger.exit_code, kUnhealthy);
  EXPECT_THAT(stranger.out, AllOf(HasSubstr("does not let this client in"),
                                  HasSubstr("--tls-cert")));
  const CtlRun plain = Ctl({"doctor", "--timeout", "1s"});
  EXPECT_EQ(plain.exit_code, kUnhealthy);
  EXPECT_THAT(plain.out, AllOf(HasSubstr("is called in plain text"),
                               HasSubstr("--tls-ca")));
}

TEST_F(BudgetctlTlsTest, VariablesServeAsWell) {
  setenv("BUDGETCTL_TLS_CA", (identity_dir / "ca").c_str(), 1);
  setenv("BUDGETCTL_TLS_CERT", (identity_dir / "admin.crt").c_str(), 1);
  setenv("BUDGETCTL_TLS_KEY", (identity_dir / "admin.key").c_str(), 1);
  EXPECT_THAT(Text({"wait-ready"}), HasSubstr("serves"));
  for (const char* name :
       {"BUDGETCTL_TLS_CA", "BUDGETCTL_TLS_CERT", "BUDGETCTL_TLS_KEY"}) {
    unsetenv(name);
  }
}

TEST_F(BudgetctlTest, FilesOfIdentitiesAreNamedWhereTheyAreWrong) {
  EXPECT_THAT(Failure(kUsage, {"wait-ready", "--tls-ca", "/nowhere/at/all"}),
              AllOf(HasSubstr("--tls-ca"), HasSubstr("/nowhere/at/all")));
  EXPECT_THAT(
      Failure(kUsage, {"wait-ready", "--tls-cert", scratch_ / "server.log"}),
      HasSubstr("--tls-key"));
  const std::string token = scratch_ / "token";
  ReplaceFile(token, "abc");
  EXPECT_THAT(Text({"wait-ready", "--token-file", token}), HasSubstr("serves"));
}

}  // namespace
}  // namespace budget::testing
