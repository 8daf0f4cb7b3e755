#ifndef BUDGET_APP_WATCHING_H_
#define BUDGET_APP_WATCHING_H_

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/app/call_lines.h"
#include "server/app/config.h"
#include "server/app/readiness.h"
#include "server/lane/meters.h"
#include "server/metrics/http_server.h"
#include "server/metrics/service_meters.h"
#include "server/rpc/meters.h"
#include "server/store/postgres/postgres_store.h"

namespace budget {

// What others can see of this process: what its rooms count, whether it is
// ready, and the pages that show it. Thread-safe.
class Watching {
 public:
  // Begins to serve /metrics, /healthz and /readyz. Where the default port is
  // in use, as by another replica on this machine, it does without; a port that
  // was asked for must be had.
  static absl::StatusOr<std::unique_ptr<Watching>> Start(const Config& config);

  const std::shared_ptr<LaneMeters>& lane() const { return lane_; }
  const std::shared_ptr<RpcMeters>& rpc() const { return rpc_; }
  const std::shared_ptr<PostgresStats>& store() const { return store_; }
  ServiceMeters& service() { return *service_; }
  Readiness& readiness() { return readiness_; }
  CallLog& calls() { return calls_; }

  // When the certificate in use expires. Before the first call none is shown.
  void ShowCertificate(std::function<std::optional<absl::Time>()> expiry);

 private:
  explicit Watching(const Config& config);

  HttpServer::Pages Pages();
  absl::Status Serve(const Config& config);
  std::optional<absl::Time> CertificateExpiry() const;

  const std::shared_ptr<LaneMeters> lane_ = std::make_shared<LaneMeters>();
  const std::shared_ptr<RpcMeters> rpc_ = std::make_shared<RpcMeters>();
  const std::shared_ptr<PostgresStats> store_ =
      std::make_shared<PostgresStats>();
  const std::shared_ptr<ServiceMeters> service_ =
      std::make_shared<ServiceMeters>();
  Readiness readiness_;
  CallLines calls_;
  mutable absl::Mutex mutex_;
  std::function<std::optional<absl::Time>()> certificate_expiry_
      ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<HttpServer> http_;  // null: not served
};

}  // namespace budget

#endif  // BUDGET_APP_WATCHING_H_
