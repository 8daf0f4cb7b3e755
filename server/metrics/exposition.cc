#include "server/metrics/exposition.h"

#include <array>
#include <initializer_list>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "prometheus/metric_family.h"
#include "prometheus/text_serializer.h"
#include "server/domain/amounts.h"
#include "server/metrics/process_info.h"
#include "server/metrics/table.h"

namespace budget {
namespace {

constexpr double kNanosPerSecond = 1e9;

// Names of grpc::StatusCode as the metrics of other languages spell them.
constexpr std::array<absl::string_view, MethodMeters::kCodes> kCodeNames = {
    "OK",           "Canceled",          "Unknown",
    "InvalidArgument", "DeadlineExceeded", "NotFound",
    "AlreadyExists", "PermissionDenied",  "ResourceExhausted",
    "FailedPrecondition", "Aborted",      "OutOfRange",
    "Unimplemented", "Internal",          "Unavailable",
    "DataLoss",     "Unauthenticated"};

prometheus::MetricType TypeOf(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return prometheus::MetricType::Counter;
    case MetricType::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricType::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

using Labels =
    std::initializer_list<std::pair<absl::string_view, absl::string_view>>;

// Everything that is shown, by the rows of the table.
class Families {
 public:
  Families() : families_(kMetrics) {
    for (const MetricRow& row : MetricTable()) {
      prometheus::MetricFamily& family = At(row.metric);
      family.name = std::string(row.name);
      family.help = std::string(row.help);
      family.type = TypeOf(row.type);
    }
  }

  void Put(Metric metric, double value, Labels labels = {}) {
    prometheus::ClientMetric& added = Add(metric, labels);
    if (At(metric).type == prometheus::MetricType::Counter) {
      added.counter.value = value;
    } else {
      added.gauge.value = value;
    }
  }
  void Put(Metric metric, int64_t value, Labels labels = {}) {
    Put(metric, static_cast<double>(value), labels);
  }
  void Put(Metric metric, const EventCount& counter, Labels labels = {}) {
    Put(metric, counter.value(), labels);
  }
  void Put(Metric metric, const Gauge& gauge, Labels labels = {}) {
    Put(metric, gauge.value(), labels);
  }

  // Whose values are `per` to the unit that is shown.
  void Put(Metric metric, const Histogram& histogram, double per,
           Labels labels = {}) {
    prometheus::ClientMetric::Histogram& added = Add(metric, labels).histogram;
    for (size_t i = 0; i <= Histogram::kBounds; ++i) {
      added.sample_count += static_cast<uint64_t>(histogram.count(i));
      const bool last = i == Histogram::kBounds;
      added.bucket.push_back(
          {.cumulative_count = added.sample_count,
           .upper_bound =
               last ? std::numeric_limits<double>::infinity()
                    : static_cast<double>(histogram.bounds()[i]) / per});
    }
    added.sample_sum = static_cast<double>(histogram.sum()) / per;
  }

  // Those that have something to show.
  std::vector<prometheus::MetricFamily> Take() {
    std::erase_if(families_,
                  [](const auto& family) { return family.metric.empty(); });
    return std::move(families_);
  }

 private:
  prometheus::MetricFamily& At(Metric metric) {
    return families_[static_cast<size_t>(metric)];
  }
  prometheus::ClientMetric& Add(Metric metric, Labels labels) {
    prometheus::ClientMetric& added = At(metric).metric.emplace_back();
    for (const auto& [name, value] : labels) {
      added.label.push_back({std::string(name), std::string(value)});
    }
    return added;
  }

  std::vector<prometheus::MetricFamily> families_;
};

void Show(const ConnectionMeters& connections, Families& out) {
  out.Put(Metric::kConnections, connections.open);
  for (size_t i = 0; i < kNoRoomKinds; ++i) {
    out.Put(Metric::kConnectionsRefused, connections.refused[i],
            {{"reason", NoRoomName(static_cast<NoRoom>(i))}});
  }
  for (size_t i = 0; i < kCutKinds; ++i) {
    out.Put(Metric::kConnectionsCut, connections.cut[i],
            {{"reason", CutName(static_cast<Cut>(i))}});
  }
}

void Show(const RpcMeters& rpc, Families& out) {
  for (const MethodMeters& method : rpc.methods()) {
    const absl::string_view type = method.streams ? "server_stream" : "unary";
    const std::pair<absl::string_view, absl::string_view> labels[] = {
        {"grpc_type", type},
        {"grpc_service", method.service},
        {"grpc_method", method.name}};
    out.Put(Metric::kGrpcStarted, method.started,
            {labels[0], labels[1], labels[2]});
    out.Put(Metric::kGrpcHandlingSeconds, method.seconds, kNanosPerSecond,
            {labels[0], labels[1], labels[2]});
    for (size_t code = 0; code < MethodMeters::kCodes; ++code) {
      if (code > 0 && method.handled[code].value() == 0) continue;
      out.Put(Metric::kGrpcHandled, method.handled[code],
              {labels[0], labels[1], labels[2],
               {"grpc_code", kCodeNames[code]}});
    }
  }
  out.Put(Metric::kWatchStreams, rpc.streams_open);
  Show(rpc.connections, out);
  out.Put(Metric::kShed, rpc.reads_shed, {{"reason", "reads"}});
  out.Put(Metric::kShed, rpc.streams_shed, {{"reason", "streams"}});
}

void ShowOperations(const LaneMeters& lane, Families& out) {
  for (size_t kind = 0; kind < kOperationKinds; ++kind) {
    const LaneMeters::OfKind& meters = lane.operations[kind];
    const absl::string_view name = OperationKindName(kind);
    out.Put(Metric::kDecisions, meters.granted,
            {{"operation", name},
             {"decision", DecisionName(Decision::kGranted)},
             {"reason", ""}});
    for (size_t i = 0; i < kReasons; ++i) {
      if (meters.not_granted[i].value() == 0) continue;
      const auto reason = static_cast<Reason>(i);
      out.Put(Metric::kDecisions, meters.not_granted[i],
              {{"operation", name},
               {"decision", DecisionName(DecisionOf(reason))},
               {"reason", ReasonName(reason)}});
    }
    out.Put(Metric::kIdempotentReplays, meters.replayed, {{"operation", name}});
    out.Put(Metric::kOperationSeconds, meters.seconds, kNanosPerSecond,
            {{"operation", name}});
  }
}

void ShowRoots(const RootMeters& roots, Families& out) {
  for (const auto& [root, counts] : roots.Read()) {
    for (size_t i = 0; i < kDecisions; ++i) {
      out.Put(Metric::kRootDecisions, counts[i],
              {{"root", root},
               {"decision", DecisionName(static_cast<Decision>(i))}});
    }
  }
}

void Show(const LaneMeters& lane, Families& out) {
  ShowOperations(lane, out);
  if (lane.by_root != nullptr) ShowRoots(*lane.by_root, out);
  for (size_t i = 0; i < kSheds; ++i) {
    out.Put(Metric::kShed, lane.shed[i],
            {{"reason", ShedName(static_cast<Shed>(i))}});
  }
  out.Put(Metric::kOperationsInside, lane.operations_inside);
  out.Put(Metric::kBatchOperations, lane.batch_operations, 1);
  out.Put(Metric::kBatchSeconds, lane.batch_seconds, kNanosPerSecond);
  out.Put(Metric::kQueueWaitSeconds, lane.queue_wait_seconds, kNanosPerSecond);
  out.Put(Metric::kRootsStopped, lane.roots_stopped);
}

void ShowPool(absl::string_view name, const PoolMeters& pool, Families& out) {
  out.Put(Metric::kDatabaseConnections, pool.in_use,
          {{"pool", name}, {"state", "in_use"}});
  out.Put(Metric::kDatabaseConnections, pool.idle,
          {{"pool", name}, {"state", "idle"}});
  out.Put(Metric::kDatabaseConnects, pool.connected,
          {{"pool", name}, {"outcome", "ok"}});
  out.Put(Metric::kDatabaseConnects, pool.not_connected,
          {{"pool", name}, {"outcome", "failed"}});
}

void Show(const PostgresStats& store, Families& out) {
  out.Put(Metric::kTransactions, store.committed, {{"outcome", "committed"}});
  out.Put(Metric::kTransactions, store.unchanged, {{"outcome", "unchanged"}});
  out.Put(Metric::kTransactions, store.sweeps, {{"outcome", "swept"}});
  out.Put(Metric::kTransactions, store.given_up, {{"outcome", "given_up"}});
  for (size_t i = 0; i < SqlstateMeters::kCodes.size(); ++i) {
    out.Put(Metric::kTransactionRetries, store.retries.count(i),
            {{"sqlstate", SqlstateMeters::kCodes[i]}});
  }
  out.Put(Metric::kCommitsInDoubt, int64_t{store.in_doubt});
  out.Put(Metric::kCommitsInDoubtResolved, store.in_doubt_resolved);
  out.Put(Metric::kExpired, store.expired);
  out.Put(Metric::kLaneLockWaitSeconds, store.lane_lock_seconds,
          kNanosPerSecond);
  ShowPool("writer", store.writers, out);
  ShowPool("reader", store.readers, out);
}

double Seconds(const Gauge& nanos) {
  return static_cast<double>(nanos.value()) / kNanosPerSecond;
}

bool IsKnown(const Gauge& gauge) {
  return gauge.value() != ServiceMeters::kUnknown;
}

void Show(const ServiceMeters& service, Families& out) {
  out.Put(Metric::kReady, service.ready);
  out.Put(Metric::kDatabaseUp, service.database_up);
  out.Put(Metric::kLogLinesDropped, service.log_lines_dropped);
  if (IsKnown(service.sweeper_lag_nanos)) {
    out.Put(Metric::kSweeperLagSeconds, Seconds(service.sweeper_lag_nanos));
  }
  if (IsKnown(service.open_reservations)) {
    out.Put(Metric::kOpenReservations, service.open_reservations);
    for (Unit unit : kUnits) {
      out.Put(Metric::kHeld, service.held[static_cast<size_t>(unit)],
              {{"unit", UnitName(unit)}});
    }
  }
  out.Put(Metric::kVerifyDrift, service.verify_drift);
  out.Put(Metric::kVerifyRoots, service.verify_clean, {{"outcome", "clean"}});
  out.Put(Metric::kVerifyRoots, service.verify_drifted, {{"outcome", "drift"}});
  out.Put(Metric::kVerifyRoots, service.verify_skipped,
          {{"outcome", "skipped"}});
  out.Put(Metric::kVerifyRoots, service.verify_failed, {{"outcome", "failed"}});
  if (IsKnown(service.verify_last_pass_nanos)) {
    out.Put(Metric::kVerifyLastPass, Seconds(service.verify_last_pass_nanos));
  }
  if (IsKnown(service.seal_lag_nanos)) {
    out.Put(Metric::kSealLagSeconds, Seconds(service.seal_lag_nanos));
  }
  if (IsKnown(service.seal_broken_roots)) {
    out.Put(Metric::kSealBrokenRoots, service.seal_broken_roots);
  }
}

void Show(const ProcessInfo& process, Families& out) {
  out.Put(Metric::kProcessCpuSeconds, process.cpu_seconds);
  out.Put(Metric::kProcessResidentBytes, process.resident_bytes);
  out.Put(Metric::kProcessVirtualBytes, process.virtual_bytes);
  out.Put(Metric::kProcessOpenFds, process.open_fds);
  out.Put(Metric::kProcessMaxFds, process.max_fds);
  out.Put(Metric::kProcessThreads, process.threads);
  out.Put(Metric::kProcessStartTime, process.start_time_seconds);
}

void ShowCertificate(const MetricSources& sources, Families& out) {
  if (!sources.certificate_expiry) return;
  const std::optional<absl::Time> expiry = sources.certificate_expiry();
  if (!expiry) return;
  out.Put(Metric::kCertificateExpiry, absl::ToUnixSeconds(*expiry));
}

}  // namespace

std::string MetricsText(const MetricSources& sources) {
  Families families;
  Show(*sources.rpc, families);
  Show(*sources.lane, families);
  Show(*sources.store, families);
  Show(*sources.service, families);
  ShowCertificate(sources, families);
  families.Put(Metric::kBuildInfo, int64_t{1}, {{"version", sources.version}});
  if (const auto process = ReadProcessInfo()) Show(*process, families);
  return prometheus::TextSerializer().Serialize(families.Take());
}

}  // namespace budget
