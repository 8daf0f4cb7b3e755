#ifndef BUDGET_DOMAIN_OUTCOME_H_
#define BUDGET_DOMAIN_OUTCOME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/allocation.h"
#include "server/domain/amounts.h"
#include "server/domain/counter.h"
#include "server/domain/limit.h"
#include "server/domain/reason.h"
#include "server/domain/reservation.h"

namespace budget {

// Where a limit stands. Names, unit and window are in the catalog that the
// outcome came with; they never change.
struct LimitReading {
  LimitId limit = 0;
  WindowKey window = 0;  // rolling: the bucket of the reading
  std::optional<int64_t> cap;
  Tally tally;
  std::optional<int64_t> remaining;  // nullopt: uncapped
  std::optional<absl::Time> window_start;
  std::optional<absl::Time> reset_time;
};

// A limit that a hold does not fit.
struct Violation {
  Reason reason = Reason::kBudgetExhausted;
  LimitId limit = 0;
  int64_t cap = 0;
  Tally tally;
  int64_t requested = 0;
  int64_t affordable = 0;  // what would have fitted this limit
  // Open holds are a part of why it does not fit, or of when it will.
  bool held_up = false;
  std::optional<absl::Duration> retry_after;
};

// Why an operation changed nothing.
struct Refusal {
  Reason reason = Reason::kInvalidField;
  std::string message;  // for people: what is wrong and what to do
  std::string field;    // kInvalidField, kIdempotencyMismatch: the API's name
  std::string subject;  // the allocation, limit or reservation it is about
  std::vector<Violation> violations;          // denied by budget
  std::optional<absl::Duration> retry_after;  // where waiting helps
  std::optional<Amounts> affordable;          // denied by budget: what fits
  std::optional<Amounts> requested;           // denials: what was asked for
};

// What became of one operation.
struct Outcome {
  std::optional<Refusal> refusal;

  // The reservation after the operation; also with kReservationSettled and
  // kReservationEnded, to say what was recorded.
  std::optional<Reservation> reservation;
  std::vector<LimitReading> limits;
  std::vector<Crossing> crossed;
  bool replayed = false;
  // Of a new reservation: its first entry, also in a repeat. Of a change of
  // one: the last entry of the change, 0 where nothing changed.
  int64_t ledger_sequence = 0;
  // Administrative changes: the allocations concerned, after the change, with
  // the limits in force.
  struct AllocationView {
    Allocation allocation;
    std::vector<Limit> limits;
  };
  std::vector<AllocationView> allocations;
  int64_t price_version = 0;

  bool ok() const { return !refusal.has_value(); }
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_OUTCOME_H_
