#ifndef BUDGET_METRICS_TABLE_H_
#define BUDGET_METRICS_TABLE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace budget {

// Every metric that is shown. Name, unit, labels and meaning stand in THE
// table, in table.cc, in this order.
enum class Metric {
  kGrpcStarted,
  kGrpcHandled,
  kGrpcHandlingSeconds,
  kWatchStreams,
  kConnections,
  kConnectionsRefused,
  kConnectionsCut,
  kDecisions,
  kRootDecisions,
  kIdempotentReplays,
  kOperationSeconds,
  kOperationsInside,
  kShed,
  kBatchOperations,
  kBatchSeconds,
  kQueueWaitSeconds,
  kLaneLockWaitSeconds,
  kRootsStopped,
  kTransactions,
  kTransactionRetries,
  kCommitsInDoubt,
  kCommitsInDoubtResolved,
  kExpired,
  kSweeperLagSeconds,
  kOpenReservations,
  kHeld,
  kVerifyDrift,
  kVerifyRoots,
  kVerifyLastPass,
  kSealLagSeconds,
  kSealBrokenRoots,
  kDatabaseUp,
  kDatabaseConnections,
  kDatabaseConnects,
  kReady,
  kCertificateExpiry,
  kLogLinesDropped,
  kBuildInfo,
  kProcessCpuSeconds,
  kProcessResidentBytes,
  kProcessVirtualBytes,
  kProcessOpenFds,
  kProcessMaxFds,
  kProcessThreads,
  kProcessStartTime,
};
inline constexpr size_t kMetrics =
    static_cast<size_t>(Metric::kProcessStartTime) + 1;

enum class MetricType { kCounter, kGauge, kHistogram };

struct MetricRow {
  Metric metric;
  absl::string_view name;
  MetricType type;
  absl::string_view unit;
  absl::string_view labels;  // separated by commas
  absl::string_view help;
};

absl::Span<const MetricRow> MetricTable();

// The table for people, in Markdown.
std::string MetricTableText();

}  // namespace budget

#endif  // BUDGET_METRICS_TABLE_H_
