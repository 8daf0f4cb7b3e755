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
  const std::string wire = stem + "-wire";
  std::error_code error;
  std::filesystem::create_directories(wire, error);
  if (error) return absl::InternalError("cannot make " + wire);
  auto proxy = wire::Proxy::Start(wire, database_socket);
  if (!proxy.ok()) return proxy.status();
  return Replica(std::move(budgetd), std::move(stem), *std::move(proxy));
}

std::vector<std::string> Replica::Command() const {
  std::vector<std::string> command = {"/usr/bin/env",
                                      "BUDGETD_LOG_LEVEL=warning"};
  command.insert(command.end(), environment_.begin(), environment_.end());
  command.insert(
      command.end(),
      {budgetd_, "--listen=" + listen_, "--port-file=" + stem_ + ".port",
       "--metrics-listen=127.0.0.1:0",
       absl::StrCat("--database-url=postgresql:///budget?host=", stem_,
                    "-wire&user=budget"),
       // How it sheds load is not the question here.
       "--queue-wait-max=2s"});
  return command;
}

absl::Status Replica::Start() {
  std::filesystem::remove(stem_ + ".port");
  auto process = Process::Start({.argv = Command(),
                                 .output_file = log(),
                                 .death_signal = SIGKILL});
  if (!process.ok()) return process.status();
  process_ = *std::move(process);
  if (absl::Status listens = WaitForPort(); !listens.ok()) return listens;
  if (absl::Status open = OpenDoor(); !open.ok()) return open;
  return WaitUntilServing(listen_, kStartPatience);
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
