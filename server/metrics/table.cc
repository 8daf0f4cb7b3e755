#include "server/metrics/table.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace budget {
namespace {

constexpr MetricType kCounter = MetricType::kCounter;
constexpr MetricType kGauge = MetricType::kGauge;
constexpr MetricType kHistogram = MetricType::kHistogram;

constexpr MetricRow kTable[] = {
    {Metric::kGrpcStarted, "grpc_server_started_total", kCounter, "calls",
     "grpc_type,grpc_service,grpc_method", "Calls that have come in"},
    {Metric::kGrpcHandled, "grpc_server_handled_total", kCounter, "calls",
     "grpc_type,grpc_service,grpc_method,grpc_code",
     "Calls that were answered, by status code"},
    {Metric::kGrpcHandlingSeconds, "grpc_server_handling_seconds", kHistogram,
     "seconds", "grpc_type,grpc_service,grpc_method",
     "How long calls took, from the request to the answer"},
    {Metric::kWatchStreams, "budget_watch_streams", kGauge, "streams", "",
     "WatchRemaining streams that are open"},
    {Metric::kConnections, "budget_connections", kGauge, "connections", "",
     "Connections of clients that are open"},
    {Metric::kConnectionsRefused, "budget_connections_refused_total", kCounter,
     "connections", "reason",
     "Connections that were closed at once: full (--connections-max), address "
     "(--connections-per-address-max), cut_lately (one of the same address was "
     "cut, see --cut-refusal-max), descriptors (counted once when there are "
     "none left; those who wait are accepted later)"},
    {Metric::kConnectionsCut, "budget_connections_cut_total", kCounter,
     "connections", "reason",
     "Connections that were cut because of what they had sent and got no "
     "answer to: unanswered (one alone), together (all of them), memory "
     "(--memory-mb-max); or in_the_way (of new ones), made_room (quiet, while "
     "all of --connections-max were taken)"},
    {Metric::kDecisions, "budget_decisions_total", kCounter, "operations",
     "operation,decision,reason",
     "Operations that were answered, also those within a Batch. decision is "
     "granted, denied (by a budget), refused (the caller's fault) or failed "
     "(overload, storage, deadline, invariant); operation preview is a Reserve "
     "with validate_only"},
    {Metric::kRootDecisions, "budget_root_decisions_total", kCounter,
     "operations", "root,decision",
     "The same by root, for the first 1,000 roots that were seen, the others "
     "as (others). Only with --metrics-root-labels"},
    {Metric::kIdempotentReplays, "budget_idempotent_replays_total", kCounter,
     "operations", "operation",
     "Operations that were granted and had been before under the same id"},
    {Metric::kOperationSeconds, "budget_operation_seconds", kHistogram,
     "seconds", "operation",
     "How long an operation took from its lane's door to its answer; reserve "
     "is what a gateway waits for before it dispatches"},
    {Metric::kOperationsInside, "budget_operations_inside", kGauge,
     "operations", "", "Operations that are in the server and not answered"},
    {Metric::kShed, "budget_shed_total", kCounter, "operations", "reason",
     "Turned away before any work: server_full (--inside-max; a call at the "
     "door counts once), queue (--queue-wait-max, --queue-max), deadline "
     "(passed while it waited), draining, reads (--read-queue-max), streams "
     "(--watch-streams-max)"},
    {Metric::kBatchOperations, "budget_batch_operations", kHistogram,
     "operations", "", "Operations in one transaction"},
    {Metric::kBatchSeconds, "budget_batch_seconds", kHistogram, "seconds", "",
     "How long a batch took in the database, retries included"},
    {Metric::kQueueWaitSeconds, "budget_queue_wait_seconds", kHistogram,
     "seconds", "", "How long an operation waited for its batch to begin"},
    {Metric::kLaneLockWaitSeconds, "budget_lane_lock_wait_seconds", kHistogram,
     "seconds", "",
     "How long a transaction waited for its lane, that is for other replicas"},
    {Metric::kRootsStopped, "budget_roots_stopped", kGauge, "roots", "",
     "Roots that this replica refuses to serve, for an invariant is broken"},
    {Metric::kTransactions, "budget_transactions_total", kCounter,
     "transactions", "outcome",
     "Write transactions: committed, unchanged (nothing to write), swept (made "
     "way by ending what was due), given_up (its callers got an error)"},
    {Metric::kTransactionRetries, "budget_transaction_retries_total", kCounter,
     "transactions", "sqlstate",
     "Transactions that were run again, by what the database said: none where "
     "the connection was cut, other for codes without a place of their own"},
    {Metric::kCommitsInDoubt, "budget_commits_in_doubt_total", kCounter,
     "commits", "", "Commits of which nobody knew whether they took effect"},
    {Metric::kCommitsInDoubtResolved, "budget_commits_in_doubt_resolved_total",
     kCounter, "commits", "",
     "Of these, those that a repeat has cleared up; the callers of the others "
     "got UNAVAILABLE and are to repeat"},
    {Metric::kExpired, "budget_expired_total", kCounter, "reservations", "",
     "Reservations that this replica has ended for their time was over"},
    {Metric::kSweeperLagSeconds, "budget_sweeper_lag_seconds", kGauge,
     "seconds", "",
     "How long the reservation has been due that is open and due for longest, "
     "in the whole database; absent while that cannot be read"},
    {Metric::kOpenReservations, "budget_open_reservations", kGauge,
     "reservations", "",
     "Open reservations in the whole database, looked at every "
     "--holds-interval: take the max of all replicas, not the sum"},
    {Metric::kHeld, "budget_held", kGauge, "usd_nanos, tokens or requests",
     "unit", "What these hold, likewise"},
    {Metric::kVerifyDrift, "budget_verify_drift", kGauge, "discrepancies", "",
     "Where counters and ledger disagreed at the latest look at each root"},
    {Metric::kVerifyRoots, "budget_verify_roots_total", kCounter, "roots",
     "outcome",
     "Roots looked at: clean, drift, skipped (more than "
     "--verify-entries-max), failed (could not be read)"},
    {Metric::kVerifyLastPass, "budget_verify_last_pass_timestamp_seconds",
     kGauge, "seconds", "",
     "When the latest look at all roots ended, in Unix time; absent before"},
    {Metric::kSealLagSeconds, "budget_seal_lag_seconds", kGauge, "seconds", "",
     "How old the oldest entry of any ledger is that has no seal, at the latest "
     "look at each root, in the whole database; absent while that cannot be "
     "read"},
    {Metric::kSealBrokenRoots, "budget_seal_broken_roots", kGauge, "roots", "",
     "Roots of which this replica could not seal the next entry, for it is "
     "missing or damaged, or of which a seal is gone or changed; absent with "
     "--seal-interval 0"},
    {Metric::kDatabaseUp, "budget_database_up", kGauge, "0 or 1", "",
     "Whether the database answered when last asked"},
    {Metric::kDatabaseConnections, "budget_database_connections", kGauge,
     "connections", "pool,state",
     "Connections to the database: pool writer or reader, state in_use or "
     "idle"},
    {Metric::kDatabaseConnects, "budget_database_connects_total", kCounter,
     "connections", "pool,outcome",
     "Attempts to connect: ok or failed. More than the pools hold means "
     "reconnects"},
    {Metric::kReady, "budget_ready", kGauge, "0 or 1", "",
     "What /readyz and gRPC health say"},
    {Metric::kCertificateExpiry, "budget_certificate_expiry_timestamp_seconds",
     kGauge, "seconds", "",
     "When the server's certificate expires, in Unix time; absent without TLS"},
    {Metric::kLogLinesDropped, "budget_log_lines_dropped_total", kCounter,
     "lines", "", "Log lines that --log-calls-max kept back"},
    {Metric::kBuildInfo, "budget_build_info", kGauge, "1", "version",
     "The version that runs"},
    {Metric::kProcessCpuSeconds, "process_cpu_seconds_total", kCounter,
     "seconds", "", "Processor time, of user and system"},
    {Metric::kProcessResidentBytes, "process_resident_memory_bytes", kGauge,
     "bytes", "", "Memory in RAM"},
    {Metric::kProcessVirtualBytes, "process_virtual_memory_bytes", kGauge,
     "bytes", "", "Address space"},
    {Metric::kProcessOpenFds, "process_open_fds", kGauge, "files", "",
     "Open files and sockets"},
    {Metric::kProcessMaxFds, "process_max_fds", kGauge, "files", "",
     "How many there may be"},
    {Metric::kProcessThreads, "process_threads", kGauge, "threads", "",
     "Threads"},
    {Metric::kProcessStartTime, "process_start_time_seconds", kGauge,
     "seconds", "", "When the process began, in Unix time"},
};

constexpr bool RowsFollowTheEnum() {
  for (size_t i = 0; i < std::size(kTable); ++i) {
    if (kTable[i].metric != static_cast<Metric>(i)) return false;
  }
  return std::size(kTable) == kMetrics;
}
static_assert(RowsFollowTheEnum(), "one row for each metric, in order");

absl::string_view TypeName(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "";
}

}  // namespace

absl::Span<const MetricRow> MetricTable() { return kTable; }

std::string MetricTableText() {
  std::string text =
      "| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n";
  for (const MetricRow& row : kTable) {
    absl::StrAppend(
        &text, "| `", row.name, "` | ", TypeName(row.type), " | ", row.unit,
        " | ",
        absl::StrJoin(absl::StrSplit(row.labels, ',', absl::SkipEmpty()), ", "),
        " | ", row.help, " |\n");
  }
  return text;
}

}  // namespace budget
