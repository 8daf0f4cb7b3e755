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
  app.fallthrough();
}

CLI::App* Session::AddCommand(CLI::App& parent, const std::string& name,
                              const std::string& help,
                              std::function<absl::Status()> run) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->fallthrough();
  command->callback([this, run = std::move(run)] {
    endpoints_ = ParseEndpoints(endpoint_list_);
    const auto timeout = ParseDurationText(timeout_text_);
    if (endpoints_.empty() || !timeout.ok() || *timeout <= absl::ZeroDuration()) {
      return Finish(endpoints_.empty()
                        ? absl::InvalidArgumentError("--endpoint is empty")
                        : absl::InvalidArgumentError(
                              "--timeout: write a duration like 5s"));
    }
    timeout_ = *timeout;
    Finish(run());
  });
  return command;
}

Client& Session::client() {
  if (!client_) client_.emplace(ClientOf(endpoints_));
  return *client_;
}

Client Session::ClientOf(std::vector<std::string> endpoints) const {
  ConnectionOptions options;
  options.endpoints = std::move(endpoints);
  return Client(*MakeConnection(std::move(options)));
}

const std::vector<std::string>& Session::endpoints() { return endpoints_; }

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
