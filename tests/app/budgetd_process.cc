#include "tests/app/budgetd_process.h"

#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "budget/health.h"
#include "budget/v1/budget_admin.grpc.pb.h"
#include "grpcpp/create_channel.h"

namespace budget::testing {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

Budgetd::Budgetd(const ScratchDir& scratch, const std::string& name,
                 const std::vector<std::string>& flags,
                 const std::optional<SystemUser>& user)
    : log_(scratch / (name + ".log")), port_file_(scratch / (name + ".port")) {
  ProcessOptions options;
  options.argv = {BUDGETD_PATH, "--listen=127.0.0.1:0",
                  "--port-file=" + port_file_,
                  "--metrics-listen=127.0.0.1:0"};
  options.argv.insert(options.argv.end(), flags.begin(), flags.end());
  options.user = user;
  options.output_file = log_;
  options.death_signal = SIGKILL;
  pid_ = Spawn(options).value();
}

Budgetd::~Budgetd() {
  if (pid_ == 0) return;
  // Its database stops with it, before the directory goes.
  kill(pid_, SIGTERM);
  Wait();
}

void Budgetd::Send(int signal) { kill(pid_, signal); }

int Budgetd::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool Budgetd::Serves() {
  return Eventually([this] {
           return std::filesystem::exists(port_file_) || HasStopped();
         }) &&
         std::filesystem::exists(port_file_);
}

absl::Status Budgetd::Health() const {
  return WaitUntilServing("127.0.0.1:" + port(), absl::Seconds(2));
}

bool Budgetd::IsDraining() const {
  return absl::StrContains(log(), "draining");
}

std::string Budgetd::port() const {
  return std::string(absl::StripAsciiWhitespace(ReadFile(port_file_)));
}

grpc::Status Budgetd::Create(const std::string& path,
                             const std::string& request_id) {
  grpc::Status status;
  Eventually([&] {
    status = CreateOnce(path, request_id, absl::Minutes(1));
    return status.error_code() != grpc::StatusCode::UNAVAILABLE;
  });
  return status;
}

grpc::Status Budgetd::CreateOnce(const std::string& path,
                                 const std::string& request_id,
                                 absl::Duration timeout) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  v1::CreateAllocationRequest request;
  request.mutable_allocation()->set_path(path);
  request.set_request_id(request_id);
  v1::CreateAllocationResponse response;
  return v1::BudgetAdmin::NewStub(Channel())->CreateAllocation(
      &context, request, &response);
}

bool Budgetd::HasStopped() {
  siginfo_t info = {};
  waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return info.si_pid != 0;
}

std::shared_ptr<grpc::Channel> Budgetd::Channel() const {
  return grpc::CreateChannel("127.0.0.1:" + port(),
                             grpc::InsecureChannelCredentials());
}

}  // namespace budget::testing
