#ifndef BUDGET_REPLAY_REPLAY_H_
#define BUDGET_REPLAY_REPLAY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "deploy/replay/plan.h"

namespace budget::replay {

// What the gateways were told. Everything acknowledged is to be found in the
// ledger afterwards.
struct ReplayResult {
  int64_t calls = 0;
  int64_t admitted = 0;
  int64_t denied = 0;
  int64_t settled = 0;
  int64_t released = 0;
  int64_t crashed = 0;       // died after dispatch, on purpose
  int64_t repeated = 0;      // Reserves sent twice under one id, on purpose
  int64_t transport_retries = 0;  // calls repeated because of UNAVAILABLE
  int64_t failed = 0;        // neither admitted nor denied: outage or error
  std::map<std::string, int64_t> denied_by_limit;  // "acme month (REASON)"
  std::map<std::string, int64_t> failures;         // by message
  std::vector<std::string> violations;  // answers that break the contract
  // Tokens of each final Settle that was acknowledged, by reservation.
  absl::flat_hash_map<std::string, int64_t> settled_tokens;
  std::vector<absl::Duration> reserve_latencies;
  std::vector<absl::Duration> settle_latencies;
  absl::Duration wall;
};

// Choices of a replay.
struct ReplayOptions {
  std::vector<std::string> endpoints;
  int gateways = 96;  // threads, each with a client of its own
  // Called about every 100 ms from the calling thread with calls begun so far.
  std::function<void(int64_t begun)> on_progress;
  // Ends the replay early when set.
  const std::atomic<bool>* stop = nullptr;
};

// Creates the organisation and its prices.
absl::Status CreateOrganisation(const Plan& plan,
                                const std::vector<std::string>& endpoints);

// Plays the plan at its pace; behind it, as fast as the service allows.
// Returns when the last call is settled, released or abandoned.
ReplayResult Replay(const Plan& plan, const ReplayOptions& options);

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_REPLAY_H_
