#ifndef BUDGET_METRICS_EXPOSITION_H_
#define BUDGET_METRICS_EXPOSITION_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/lane/meters.h"
#include "server/metrics/service_meters.h"
#include "server/rpc/meters.h"
#include "server/store/postgres/postgres_store.h"

namespace budget {

// What is shown. All are given.
struct MetricSources {
  std::string version;
  std::shared_ptr<const RpcMeters> rpc;
  std::shared_ptr<const LaneMeters> lane;
  std::shared_ptr<const PostgresStats> store;
  std::shared_ptr<const ServiceMeters> service;
  // When the certificate in use expires; null or nullopt: none is in use.
  std::function<std::optional<absl::Time>()> certificate_expiry;
};

// The metrics in Prometheus's text format, as they are now. Thread-safe.
std::string MetricsText(const MetricSources& sources);

}  // namespace budget

#endif  // BUDGET_METRICS_EXPOSITION_H_
