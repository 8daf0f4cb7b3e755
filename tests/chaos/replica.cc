#include "tests/chaos/replica.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "budget/health.h"

namespace budget::chaos {
namespace {

constexpr absl::Duration kStartPatience = absl::Minutes(1);

}  // namespace

absl::StatusOr<Replica> Replica::Make(std::string budgetd, std::string stem,
                                      const std::string& database_socket) {
  Replica replica(std::move(budgetd), std::move(stem));
  const absl::Status moved = replica.MoveTo(database_socket);
  if (!moved.ok()) return moved;
  return replica;
}

std::string Replica::DirectoryOf(int host) const {
  return absl::StrCat(stem_, "-host-", host + 1);
}

absl::Status Replica::Introduce(const std::string& socket) {
  const int host = 1 - database_;
  const std::string directory = DirectoryOf(host);
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::InternalError("cannot make " + directory);
  auto proxy = wire::Proxy::Start(directory, socket);
  if (!proxy.ok()) return proxy.status();
  hosts_[host] = *std::move(proxy);
  return absl::OkStatus();
}

absl::Status Replica::MoveTo(const std::string& socket) {
  LoseDatabase();
  if (!hosts_[1 - database_]) {
    const absl::Status introduced = Introduce(socket);
    if (!introduced.ok()) return introduced;
  }
  database_ = 1 - database_;
  return absl::OkStatus();
}

std::vector<std::string> Replica::Command() const {
  std::vector<std::string> command = {"/usr/bin/env",
                                      "BUDGETD_LOG_LEVEL=warning"};
  command.insert(command.end(), environment_.begin(), environment_.end());
  command.insert(
      command.end(),
      {budgetd_, "--listen=" + listen_, "--port-file=" + stem_ + ".port",
       "--metrics-listen=127.0.0.1:0",
       absl::StrCat("--database-url=postgresql:///budget?host=",
                    DirectoryOf(0), ",", DirectoryOf(1), "&user=budget"),
       // How it sheds load is not the question here.
       "--queue-wait-max=2s"});
  return command;
}

absl::Status Replica::Launch() {
  std::filesystem::remove(stem_ + ".port");
  auto process = Process::Start({.argv = Command(),
                                 .output_file = log(),
                                 .death_signal = SIGKILL});
  if (!process.ok()) return process.status();
  process_ = *std::move(process);
  started_ = true;
  return absl::OkStatus();
}

absl::Status Replica::Start() {
  if (absl::Status launched = Launch(); !launched.ok()) return launched;
  if (absl::Status listens = WaitForPort(); !listens.ok()) return listens;
  if (absl::Status open = OpenDoor(); !open.ok()) return open;
  return WaitUntilServing(listen_, kStartPatience);
}

void Replica::End(int signal) {
  const bool ran = process_.Running();
  process_.End(signal);
  if (std::exchange(started_, false)) {
    ends_.push_back({ran ? signal : 0, process_.wait_status()});
  }
}

absl::Status Replica::WaitForPort() {
  std::string port;
  const bool found = Within(kStartPatience, [&] {
    std::ifstream file(stem_ + ".port");
    return std::getline(file, port) || !process_.Running();
  });
  if (!found || port.empty()) {
    return absl::InternalError("budgetd does not start; see " + log());
  }
  listen_ = "127.0.0.1:" + port;
  return absl::OkStatus();
}

// Once: its port stays what it is.
absl::Status Replica::OpenDoor() {
  if (door_) return absl::OkStatus();
  auto door = wire::Proxy::StartTcp(listen_);
  if (!door.ok()) return door.status();
  door_ = *std::move(door);
  return absl::OkStatus();
}

}  // namespace budget::chaos
