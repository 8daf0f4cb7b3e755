// The server as a process: how it starts, fails, drains and is killed.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "budget/v1/budget_admin.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "server/app/postgres_install.h"
#include "server/app/process.h"
#include "tests/app/scratch_dir.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

// A budgetd that ends with its test.
class Budgetd {
 public:
  Budgetd(const ScratchDir& scratch, const std::string& name,
          const std::vector<std::string>& flags,
          const std::optional<SystemUser>& user = std::nullopt)
      : log_(scratch / (name + ".log")),
        port_file_(scratch / (name + ".port")) {
    ProcessOptions options;
    options.argv = {BUDGETD_PATH, "--listen=127.0.0.1:0",
                    "--port-file=" + port_file_};
    options.argv.insert(options.argv.end(), flags.begin(), flags.end());
    options.user = user;
    options.output_file = log_;
    options.death_signal = SIGKILL;
    pid_ = Spawn(options).value();
  }
  ~Budgetd() {
    if (pid_ == 0) return;
    // Its database stops with it, before the directory goes.
    kill(pid_, SIGTERM);
    Wait();
  }

  void Send(int signal) { kill(pid_, signal); }

  // The exit code, or minus the signal that ended it.
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  bool Serves() {
    return Eventually([this] {
             return std::filesystem::exists(port_file_) || HasStopped();
           }) &&
           std::filesystem::exists(port_file_);
  }

  // Creates an allocation, waiting for the database if need be.
  grpc::Status Create(const std::string& path, const std::string& request_id) {
    const std::string port(absl::StripAsciiWhitespace(ReadFile(port_file_)));
    const auto stub = v1::BudgetAdmin::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + port, grpc::InsecureChannelCredentials()));
    grpc::Status status;
    Eventually([&] {
      grpc::ClientContext context;
      v1::CreateAllocationRequest request;
      request.mutable_allocation()->set_path(path);
      request.set_request_id(request_id);
      v1::CreateAllocationResponse response;
      status = stub->CreateAllocation(&context, request, &response);
      return status.error_code() != grpc::StatusCode::UNAVAILABLE;
    });
    return status;
  }

  std::string log() const { return ReadFile(log_); }

 private:
  bool HasStopped() {
    siginfo_t info = {};
    waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid != 0;
  }

  const std::string log_;
  const std::string port_file_;
  pid_t pid_ = 0;
};

constexpr char kRequest1[] = "0190a5f4-7c00-4000-8000-000000000001";
constexpr char kRequest2[] = "0190a5f4-7c00-4000-8000-000000000002";

class BudgetdTest : public ::testing::Test {
 protected:
  std::string DataDir() { return "--data-dir=" + (scratch_ / "data"); }

  ScratchDir scratch_;
};

TEST_F(BudgetdTest, ServesUntilSigtermAndStopsItsDatabase) {
  Budgetd server(scratch_, "a", {DataDir()});
  ASSERT_TRUE(server.Serves()) << server.log();
  EXPECT_TRUE(server.Create("acme", kRequest1).ok());
  server.Send(SIGTERM);
  EXPECT_EQ(server.Wait(), 0) << server.log();
  EXPECT_THAT(server.log(), HasSubstr("draining signal=SIGTERM"));
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
  const std::string port(
      absl::StripAsciiWhitespace(ReadFile(scratch_ / "a.port")));
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

TEST_F(BudgetdTest, RefusesAWrongFlagWithExitCode2) {
  Budgetd server(scratch_, "a", {"--workers=none"});
  EXPECT_EQ(server.Wait(), 2);
  EXPECT_THAT(server.log(), HasSubstr("--workers"));
}

}  // namespace
}  // namespace budget::testing
