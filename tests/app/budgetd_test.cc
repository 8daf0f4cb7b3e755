// The server as a process: how it starts, fails, drains and is killed.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/postgres_install.h"
#include "tests/app/budgetd_process.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/postgres_fixture.h"

namespace budget::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kRequest1[] = "0190a5f4-7c00-4000-8000-000000000001";
constexpr char kRequest2[] = "0190a5f4-7c00-4000-8000-000000000002";

// Every lane: whatever is asked for waits.
constexpr char kLockLanes[] =
    "LOCK TABLE budget.lane_0, budget.lane_1, budget.lane_2, budget.lane_3, "
    "budget.lane_4, budget.lane_5, budget.lane_6, budget.lane_7, "
    "budget.lane_8, budget.lane_9, budget.lane_10, budget.lane_11, "
    "budget.lane_12, budget.lane_13, budget.lane_14, budget.lane_15 "
    "IN EXCLUSIVE MODE";

// Lets nobody into the database of `uri`, or again everybody.
void Allow(const std::string& uri, bool connections) {
  const std::string rest = uri.substr(uri.find(":///") + 4);
  const std::string name = rest.substr(0, rest.find('?'));
  RunSql(EmptyDatabase(),
         absl::StrCat("ALTER DATABASE ", name, " ALLOW_CONNECTIONS ",
                      connections ? "true" : "false",
                      "; SELECT pg_terminate_backend(pid) FROM "
                      "pg_stat_activity WHERE datname = '",
                      name, "'"));
}

class BudgetdTest : public ::testing::Test {
 protected:
  // Whether a transaction of a server waits for a lock.
  static bool IsWaiting(const std::string& uri) {
    return RunSql(uri,
                  "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted") == "t";
  }
  static std::string Url(const std::string& uri) {
    return "--database-url=" + uri;
  }
  std::string DataDir() { return "--data-dir=" + (scratch_ / "data"); }

  ScratchDir scratch_;
};

TEST_F(BudgetdTest, ServesUntilSigtermAndStopsItsDatabase) {
  Budgetd server(scratch_, "a", {DataDir()});
  ASSERT_TRUE(server.Serves()) << server.log();
  EXPECT_TRUE(server.Create("acme", kRequest1).ok());
  server.Send(SIGTERM);
  EXPECT_EQ(server.Wait(), 0) << server.log();
  EXPECT_THAT(server.log(), HasSubstr(R"("event":"draining","signal":"SIGTERM")"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "data/pg/postmaster.pid"));
}

TEST_F(BudgetdTest, WhatWasAcknowledgedSurvivesKill9) {
  {
    Budgetd server(scratch_, "a", {DataDir()});
    ASSERT_TRUE(server.Serves()) << server.log();
    EXPECT_TRUE(server.Create("acme", kRequest1).ok());
    server.Send(SIGKILL);
    EXPECT_EQ(server.Wait(), -SIGKILL);
  }
  Budgetd server(scratch_, "b", {DataDir()});
  ASSERT_TRUE(server.Serves()) << server.log();
  EXPECT_EQ(server.Create("acme", kRequest2).error_code(),
            grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(BudgetdTest, AReplicaTakesTheDatabaseOverFromAKilledOne) {
  Budgetd owner(scratch_, "a", {DataDir()});
  ASSERT_TRUE(owner.Serves()) << owner.log();
  Budgetd other(scratch_, "b", {DataDir()});
  ASSERT_TRUE(other.Serves()) << other.log();
  EXPECT_TRUE(owner.Create("acme", kRequest1).ok());
  owner.Send(SIGKILL);
  owner.Wait();
  EXPECT_EQ(other.Create("acme", kRequest2).error_code(),
            grpc::StatusCode::ALREADY_EXISTS);
  other.Send(SIGTERM);
  EXPECT_EQ(other.Wait(), 0) << other.log();
}

TEST_F(BudgetdTest, RunsAsAnOrdinaryUser) {
  const auto user = PostgresUser("");
  ASSERT_TRUE(user.ok());
  if (!*user) GTEST_SKIP() << "every other test does that already";
  const std::string home = scratch_ / "home";
  std::filesystem::create_directory(home);
  ASSERT_EQ(chown(home.c_str(), (*user)->uid, (*user)->gid), 0);
  Budgetd server(
      scratch_, "a",
      {"--data-dir=" + home + "/data", "--port-file=" + home + "/port"}, *user);
  EXPECT_TRUE(Eventually([&] {
    return std::filesystem::exists(home + "/port");
  })) << server.log();
  server.Send(SIGINT);
  EXPECT_EQ(server.Wait(), 0) << server.log();
}

TEST_F(BudgetdTest, SaysWhatToChangeWhenThePortIsInUse) {
  Budgetd server(scratch_, "a", {DataDir()});
  ASSERT_TRUE(server.Serves()) << server.log();
  const std::string port = server.port();
  Budgetd second(scratch_, "b", {DataDir(), "--listen=127.0.0.1:" + port});
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(second.log(), HasSubstr("--listen"));
  EXPECT_THAT(second.log(), HasSubstr(port));
}

TEST_F(BudgetdTest, SaysWhatToChangeWhenTheDatabaseIsDown) {
  Budgetd server(
      scratch_, "a",
      {"--database-url=postgresql://u:secret@/d?host=" + scratch_.path(),
       "--database-wait=0s"});
  EXPECT_EQ(server.Wait(), 1);
  EXPECT_THAT(server.log(), HasSubstr("--database-url"));
  EXPECT_THAT(server.log(), HasSubstr("--database-wait"));
  EXPECT_EQ(server.log().find("secret"), std::string::npos) << server.log();
}

TEST_F(BudgetdTest, StopsWhileItWaitsForTheDatabase) {
  Budgetd server(scratch_, "a",
                 {"--database-url=host=" + scratch_.path() + " dbname=d",
                  "--database-wait=1h"});
  ASSERT_TRUE(Eventually([&] {
    return server.log().find("waiting_for_database") != std::string::npos;
  }));
  server.Send(SIGTERM);
  EXPECT_EQ(server.Wait(), 1);
}

TEST_F(BudgetdTest, SaysWhatToChangeWhenTheSchemaIsNewer) {
  const std::string uri = FreshDatabase();
  RunSql(uri,
         "INSERT INTO budget.schema_migrations (version, name, breaking) "
         "VALUES (9999, 'later', true)");
  Budgetd server(scratch_, "a", {Url(uri)});
  EXPECT_EQ(server.Wait(), 1);
  EXPECT_THAT(server.log(), HasSubstr("schema is newer (version 9999)"));
  EXPECT_THAT(server.log(), HasSubstr("upgrade budgetd"));
}

TEST_F(BudgetdTest, ChecksForMigrationsWithoutApplyingThem) {
  const std::string uri = EmptyDatabase();
  const auto run = [&](const std::string& name,
                       const std::vector<std::string>& command) {
    Budgetd budgetd(scratch_, name, command);
    const int code = budgetd.Wait();
    return std::make_pair(code, budgetd.log());
  };
  const auto [pending, why] = run("a", {"migrate", "--check", Url(uri)});
  EXPECT_EQ(pending, 1);
  EXPECT_THAT(why, HasSubstr("migration 1 "));
  EXPECT_EQ(RunSql(uri, "SELECT to_regnamespace('budget') IS NULL"), "t");
  EXPECT_EQ(run("b", {"migrate", Url(uri)}).first, 0);
  EXPECT_EQ(run("c", {"migrate", "--check", Url(uri)}).first, 0);
}

TEST_F(BudgetdTest, WarnsAtStartWhereNobodyIsAskedWhoTheyAre) {
  const std::string uri = FreshDatabase();
  Budgetd open(scratch_, "a", {Url(uri)});
  ASSERT_TRUE(open.Serves()) << open.log();
  EXPECT_THAT(open.log(), HasSubstr("auth_off"));
  EXPECT_THAT(open.log(), HasSubstr("--auth required"));
  Budgetd asking(scratch_, "b", {Url(uri), "--auth=required"});
  ASSERT_TRUE(asking.Serves()) << asking.log();
  EXPECT_THAT(asking.log(), Not(HasSubstr("auth_off")));
}

TEST_F(BudgetdTest, SaysWhatToChangeWhenTheDataDirectoryIsSomeoneElses) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  constexpr uid_t kSomeone = 54321;
  const std::string data = scratch_ / "data";
  std::filesystem::create_directory(data);
  ASSERT_EQ(chown(data.c_str(), kSomeone, kSomeone), 0);
  Budgetd server(scratch_, "a", {DataDir()});
  EXPECT_EQ(server.Wait(), 1);
  EXPECT_THAT(server.log(), HasSubstr(data));
  EXPECT_THAT(server.log(), HasSubstr("--data-dir"));
  EXPECT_TRUE(std::filesystem::is_empty(data));
}

TEST_F(BudgetdTest, IsUnhealthyWhileTheDatabaseIsAwayAndServesAgainAfter) {
  const std::string uri = FreshDatabase();
  Budgetd server(scratch_, "a", {Url(uri)});
  ASSERT_TRUE(server.Serves()) << server.log();
  ASSERT_TRUE(server.Create("acme", kRequest1).ok());
  EXPECT_EQ(server.Health(), absl::OkStatus());
  Allow(uri, false);
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(server.Health().message(), "NOT_SERVING");
  })) << server.log();
  const grpc::Status lost =
      server.CreateOnce("acme/a", kRequest2, absl::Seconds(1));
  EXPECT_THAT(lost.error_code(),
              AnyOf(grpc::StatusCode::UNAVAILABLE,
                    grpc::StatusCode::DEADLINE_EXCEEDED));
  Allow(uri, true);
  EXPECT_TRUE(Eventually([&] { return server.Health().ok(); }))
      << server.log();
  EXPECT_TRUE(server.Create("acme/a", kRequest2).ok());
  server.Send(SIGTERM);
  EXPECT_EQ(server.Wait(), 0) << server.log();
  EXPECT_EQ(RunSql(uri, "SELECT count(*) FROM budget.ledger"), "2");
}

TEST_F(BudgetdTest, ADrainAnswersWhatIsInside) {
  const std::string uri = FreshDatabase();
  Budgetd server(scratch_, "a", {Url(uri)});
  ASSERT_TRUE(server.Serves()) << server.log();
  auto lock = KeepOpen(uri, kLockLanes);
  grpc::Status status;
  std::thread call([&] {
    status = server.CreateOnce("acme", kRequest1, absl::Minutes(1));
  });
  EXPECT_TRUE(Eventually([&] { return IsWaiting(uri); }));
  server.Send(SIGTERM);
  EXPECT_TRUE(Eventually([&] { return server.IsDraining(); }));
  lock.reset();
  call.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(server.Wait(), 0) << server.log();
}

TEST_F(BudgetdTest, ASecondSignalEndsItAtOnce) {
  const std::string uri = FreshDatabase();
  Budgetd server(scratch_, "a", {Url(uri)});
  ASSERT_TRUE(server.Serves()) << server.log();
  const auto lock = KeepOpen(uri, kLockLanes);
  std::thread call([&] {
    EXPECT_EQ(
        server.CreateOnce("acme", kRequest1, absl::Minutes(1)).error_code(),
        grpc::StatusCode::UNAVAILABLE);
  });
  EXPECT_TRUE(Eventually([&] { return IsWaiting(uri); }));
  server.Send(SIGTERM);
  EXPECT_TRUE(Eventually([&] { return server.IsDraining(); }));
  server.Send(SIGTERM);
  EXPECT_EQ(server.Wait(), 1);
  EXPECT_THAT(server.log(), HasSubstr("stopped_by_force"));
  call.join();
}

TEST_F(BudgetdTest, RefusesAWrongFlagWithExitCode2) {
  Budgetd server(scratch_, "a", {"--workers=none"});
  EXPECT_EQ(server.Wait(), 2);
  EXPECT_THAT(server.log(), HasSubstr("--workers"));
}

}  // namespace
}  // namespace budget::testing
