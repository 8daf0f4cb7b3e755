// budgetctl token, grants and access-log, against a server that asks who calls.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/budgetctl_fixture.h"

namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST_F(BudgetctlAuthTest, DoctorSeesThatStrangersAreTurnedAway) {
  EXPECT_THAT(Text(Ops({"doctor"})), HasSubstr("asks callers who they are"));
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

}  // namespace
}  // namespace budget::testing
