#ifndef BUDGET_STORE_POSTGRES_POSTGRES_STORE_H_
#define BUDGET_STORE_POSTGRES_POSTGRES_STORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/meter.h"
#include "server/domain/store.h"
#include "server/store/postgres/sqlstate_meters.h"

namespace budget {

// How many lane tables the schema has: the same for all replicas.
inline constexpr int kLanes = 16;

// The connections of one kind.
struct PoolMeters {
  Gauge in_use;
  Gauge idle;
  EventCount connected;
  EventCount not_connected;  // attempts that failed
};

// What has happened to transactions since the store was opened. Each kind of
// retry is counted where it happens. Thread-safe.
struct PostgresStats {
  std::atomic<int64_t> committed{0};
  std::atomic<int64_t> unchanged{0};  // decided without a write
  std::atomic<int64_t> sweeps{0};     // to make way for a decision
  std::atomic<int64_t> conflicts{0};
  std::atomic<int64_t> deadlocks{0};
  std::atomic<int64_t> lock_timeouts{0};
  std::atomic<int64_t> connections_lost{0};
  std::atomic<int64_t> out_of_resources{0};
  std::atomic<int64_t> in_doubt{0};
  std::atomic<int64_t> invariants_broken{0};
  EventCount given_up;            // transactions whose callers got an error
  SqlstateMeters retries;      // of transactions that were tried again
  EventCount in_doubt_resolved;   // of in_doubt: known in the end
  EventCount expired;             // reservations, by transactions that committed
  Histogram lane_lock_seconds;  // waits for the lock of a lane
  PoolMeters writers;
  PoolMeters readers;
};

struct PostgresOptions {
  // URI or key=value string of libpq.
  std::string uri;
  // Connections for transactions and for reads, each at most.
  int writers = 4;
  int readers = 4;
  // About how many due reservations a transaction expires beside its own work,
  // and how many ended ones it passes by on the way to them: no fewer than a
  // full batch adds, so that a busy root keeps up. What is more is left to later
  // ones, or goes first in transactions of its own where the work depends on it.
  int due_per_transaction_max = 500;
  int passed_per_transaction_max = 2000;
  // Whether writers of a lane queue up by LOCK TABLE. Only speed depends on
  // it: without, they find out by serialization failures.
  bool lane_locks = true;
  // How long a read waits for a connection.
  absl::Duration read_timeout = absl::Seconds(5);
  // Receives driver messages, which no caller is shown. Null: stderr.
  std::function<void(absl::string_view line)> log;
  // Filled in if given; shared with whoever reports it.
  std::shared_ptr<PostgresStats> stats;
  Clock* clock = &SystemClock();
};

// The store on PostgreSQL 13 or newer. Connects once to see that the database
// is there and that its schema is one this binary knows: UNAVAILABLE or
// FAILED_PRECONDITION otherwise. Reconnects by itself later.
absl::StatusOr<std::unique_ptr<Store>> OpenPostgresStore(
    const PostgresOptions& options);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_POSTGRES_STORE_H_
