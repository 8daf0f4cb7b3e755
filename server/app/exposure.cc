#include "server/app/exposure.h"

#include <arpa/inet.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace budget {
namespace {

// A name may lead anywhere, "127.example.com" too.
bool IsLoopback(absl::string_view listen) {
  const std::string host(listen.substr(0, listen.rfind(':')));
  in_addr address;
  return (absl::StartsWith(host, "127.") &&
          inet_pton(AF_INET, host.c_str(), &address) == 1) ||
         host == "localhost" || host == "[::1]" ||
         absl::StartsWith(listen, "unix:");
}

absl::Status CheckPlainText(const Config& config) {
  const absl::string_view listen = config.listen;
  if (IsLoopback(listen) || config.has_tls() || config.insecure_listen_any) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--listen (BUDGETD_LISTEN) is \"", listen,
      "\", which others can reach in plain text; give --tls-cert and --tls-key, "
      "listen on 127.0.0.1 with --auth required behind a proxy that encrypts, "
      "or accept it with --insecure-listen-any"));
}

absl::Status CheckPlainMetrics(const Config& config) {
  const std::string& listen = config.metrics_listen;
  if (listen == kNoListen || IsLoopback(listen) || config.insecure_listen_any ||
      config.insecure_metrics_listen_any) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--metrics-listen (BUDGETD_METRICS_LISTEN) is \"", listen,
      "\", where others can read it, in plain text and without being asked who "
      "they are; give 127.0.0.1 or an address of a network of your own, and "
      "accept the latter with --insecure-metrics-listen-any"));
}

absl::Status CheckAuth(const Config& config) {
  if (AuthRequired(config) || IsLoopback(config.listen) ||
      config.insecure_listen_any) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--auth (BUDGETD_AUTH) is \"off\", and whoever reaches ", config.listen,
      " may then do everything; leave it at required, or accept it with "
      "--insecure-listen-any"));
}

}  // namespace

absl::Status CheckExposure(const Config& config) {
  absl::Status status = CheckPlainText(config);
  if (status.ok()) status = CheckPlainMetrics(config);
  return status.ok() ? CheckAuth(config) : status;
}

bool AuthRequired(const Config& config) {
  if (config.auth != "auto") return config.auth == "required";
  return config.has_tls() || !config.jwt_keys.empty() ||
         !IsLoopback(config.listen);
}

}  // namespace budget
