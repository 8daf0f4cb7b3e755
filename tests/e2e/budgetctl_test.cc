// The commands of budgetctl for budgets: what each says, that --json is JSON,
// and its exit code.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "tests/e2e/budgetctl_fixture.h"

namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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

}  // namespace
}  // namespace budget::testing
