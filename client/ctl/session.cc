#include "client/ctl/session.h"

#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <utility>

#include "client/ctl/amount_text.h"

namespace budget {

void Session::AddFlags(CLI::App& app) {
  app.add_option("--endpoint", endpoint_list_,
                 "host:port of the service, or several with commas")
      ->envname("BUDGETCTL_ENDPOINT")
      ->capture_default_str();
  app.add_option("--timeout", timeout_text_, "the longest a call may take")
      ->capture_default_str();
  app.add_flag("--json", json_, "print the answer as JSON");
  security_flags_.Add(app, "BUDGETCTL_");
  app.fallthrough();
}

CLI::App* Session::AddCommand(CLI::App& parent, const std::string& name,
                              const std::string& help,
                              std::function<absl::Status()> run) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->fallthrough();
  command->callback([this, run = std::move(run)] {
    absl::Status status = Prepare();
    if (status.ok()) status = run();
    Finish(status);
  });
  return command;
}

absl::Status Session::Prepare() {
  endpoints_ = ParseEndpoints(endpoint_list_);
  if (endpoints_.empty()) {
    return absl::InvalidArgumentError("--endpoint is empty");
  }
  const auto timeout = ParseDurationText(timeout_text_);
  if (!timeout.ok() || *timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--timeout: write a duration like 5s");
  }
  timeout_ = *timeout;
  auto connection =
      MakeConnection({.endpoints = endpoints_, .security = security()});
  if (!connection.ok()) return connection.status();
  client_.emplace(*std::move(connection));
  return absl::OkStatus();
}

void Session::Print(const google::protobuf::Message& message,
                    const std::string& text) {
  if (!json_) {
    std::cout << text << std::flush;
    return;
  }
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string out;
  (void)google::protobuf::util::MessageToJsonString(message, &out, options);
  std::cout << out << "\n" << std::flush;
}

void Session::Finish(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << DescribeError(status);
  exit_code_ = ExitCodeOf(status);
}

}  // namespace budget
