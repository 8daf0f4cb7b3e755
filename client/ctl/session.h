#ifndef BUDGET_CTL_SESSION_H_
#define BUDGET_CTL_SESSION_H_

#include <google/protobuf/message.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "budget/client.h"
#include "client/ctl/security_flags.h"

namespace budget {

// What scripts can tell apart.
enum ExitCode {
  kExitOk = 0,
  kExitError = 1,
  kExitUsage = 2,
  kExitDenied = 3,
  kExitUnavailable = 4,
  kExitDiscrepancies = 5,
  kExitUnhealthy = 6,
};

// A ledger of millions takes a while to fold.
inline constexpr absl::Duration kVerifyTimeout = absl::Minutes(10);

// One run of budgetctl: the global flags, and the answer to the shell.
class Session {
 public:
  // Adds the flags that every command takes.
  void AddFlags(CLI::App& app);

  // Adds `name` to `parent`; `run` is called after its flags were read. A
  // status of INVALID_ARGUMENT that did not come from the service counts as
  // wrong usage.
  CLI::App* AddCommand(CLI::App& parent, const std::string& name,
                       const std::string& help,
                       std::function<absl::Status()> run);

  // Made from the flags before a command runs.
  Client& client() { return *client_; }
  // One that knows these endpoints only, and is secured alike.
  absl::StatusOr<Client> ClientOf(std::vector<std::string> endpoints) const;
  CallOptions options() const { return {timeout_}; }
  // Of a call that reads a whole ledger: one of millions of entries takes a
  // while.
  CallOptions ledger_options() const {
    return {std::max(timeout_, absl::Minutes(10))};
  }
  const std::vector<std::string>& endpoints() const { return endpoints_; }
  Security security() const { return security_flags_.Get(); }
  absl::Duration timeout() const { return timeout_; }
  bool json() const { return json_; }
  const absl::TimeZone& zone() const { return zone_; }

  // Prints `text` for people, or the message as JSON for scripts.
  void Print(const google::protobuf::Message& message, const std::string& text);
  // The same where the answer may be an error.
  template <typename Response, typename Render>
  absl::Status Show(const absl::StatusOr<Response>& answer, Render render) {
    if (!answer.ok()) return answer.status();
    Print(*answer, render(*answer));
    return absl::OkStatus();
  }

  int exit_code() const { return exit_code_; }
  void set_exit_code(int code) { exit_code_ = code; }

 private:
  // Reads the flags that every command takes.
  absl::Status Prepare();
  void Finish(const absl::Status& status);

  std::string endpoint_list_ = "127.0.0.1:7443";
  std::string timeout_text_ = "5s";
  SecurityFlags security_flags_;
  bool json_ = false;
  std::vector<std::string> endpoints_;
  absl::Duration timeout_ = absl::Seconds(5);
  absl::TimeZone zone_ = absl::LocalTimeZone();
  std::optional<Client> client_;
  int exit_code_ = kExitOk;
};

// The exit code and the text of an error: message, reason, fields and remedy.
int ExitCodeOf(const absl::Status& status);
std::string DescribeError(const absl::Status& status);

// Cuts a list that was read page by page to what was asked for: page tokens
// hold for pages of one size, so the last one may be too many.
template <typename Items>
void KeepFirst(int max, Items* items) {
  if (items->size() > max) items->DeleteSubrange(max, items->size() - max);
}

// Commands by subject.
void AddAllocationCommands(CLI::App& app, Session& session);
void AddLimitCommands(CLI::App& app, Session& session);
void AddBalanceCommands(CLI::App& app, Session& session);
void AddPriceCommands(CLI::App& app, Session& session);
void AddReservationCommands(CLI::App& app, Session& session);
void AddReadCommands(CLI::App& app, Session& session);
void AddAccessCommands(CLI::App& app, Session& session);
void AddOperatorCommands(CLI::App& app, Session& session);
void AddCheckpointCommands(CLI::App& app, Session& session);
void AddDoctorCommand(CLI::App& app, Session& session);

}  // namespace budget

#endif  // BUDGET_CTL_SESSION_H_
