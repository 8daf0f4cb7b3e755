#include "server/app/watching.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/app/log.h"
#include "server/app/port_file.h"
#include "server/base/clock.h"
#include "server/metrics/exposition.h"

namespace budget {
namespace {

constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

HttpPage ReadyPage(const Readiness& readiness) {
  const std::string why_not = readiness.WhyNot();
  if (why_not.empty()) return {.body = "ready\n"};
  return {.status = 503, .body = absl::StrCat("not ready: ", why_not, "\n")};
}

}  // namespace

Watching::Watching(const Config& config)
    : readiness_(service_->ready),
      calls_(SystemClock(),
             {.all = config.log_calls,
              .slow = config.log_slow,
              .lines_per_second_max = config.log_calls_max},
             service_->log_lines_dropped) {
  if (config.metrics_root_labels) {
    lane_->by_root = std::make_unique<RootMeters>();
  }
}

absl::StatusOr<std::unique_ptr<Watching>> Watching::Start(
    const Config& config) {
  std::unique_ptr<Watching> watching(new Watching(config));
  const absl::Status status = watching->Serve(config);
  if (!status.ok()) return status;
  return watching;
}

absl::Status Watching::Serve(const Config& config) {
  if (config.metrics_listen == kNoListen) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<HttpServer>> http =
      HttpServer::Start(config.metrics_listen, Pages());
  if (!http.ok()) {
    if (config.metrics_listen != Config().metrics_listen) return http.status();
    LogWarning("metrics_not_served",
               {{"error", std::string(http.status().message())}});
    return absl::OkStatus();
  }
  http_ = *std::move(http);
  LogInfo("metrics_served", {{"address", config.metrics_listen},
                             {"port", http_->port()}});
  return WritePortFile("metrics-port-file", config.metrics_port_file,
                       http_->port());
}

HttpServer::Pages Watching::Pages() {
  const MetricSources sources = {
      .version = BUDGET_VERSION,
      .rpc = rpc_,
      .lane = lane_,
      .store = store_,
      .service = service_,
      .certificate_expiry = [this] { return CertificateExpiry(); }};
  return {{"/metrics",
           [sources] {
             return HttpPage{.content_type = kMetricsType,
                             .body = MetricsText(sources)};
           }},
          {"/healthz", [] { return HttpPage{.body = "alive\n"}; }},
          {"/readyz", [this] { return ReadyPage(readiness_); }}};
}

void Watching::ShowCertificate(
    std::function<std::optional<absl::Time>()> expiry) {
  absl::MutexLock lock(&mutex_);
  certificate_expiry_ = std::move(expiry);
}

std::optional<absl::Time> Watching::CertificateExpiry() const {
  absl::MutexLock lock(&mutex_);
  return certificate_expiry_ ? certificate_expiry_() : std::nullopt;
}

}  // namespace budget
