#ifndef BUDGET_DENIAL_H_
#define BUDGET_DENIAL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "budget/v1/types.pb.h"
#include "google/rpc/status.pb.h"

namespace budget {

// Why a budget said no. Names on the wire are those of ErrorInfo.reason.
enum class DenialReason {
  kBudgetExhausted,     // BUDGET_EXHAUSTED: waiting does not help
  kOverageOutstanding,  // OVERAGE_OUTSTANDING: an administrator must act
  kWindowExhausted,     // WINDOW_EXHAUSTED: passes at `retry_after`
  kBudgetHeld,          // BUDGET_HELD: open holds may settle for less
  kAllocationFrozen,    // ALLOCATION_FROZEN
  kAllocationArchived,  // ALLOCATION_ARCHIVED
  kUnpriced,            // UNPRICED: the cost is unknown under a USD cap
};

// A limit that the hold did not fit; figures in `unit`.
struct DenialViolation {
  std::string allocation;
  std::string limit;
  v1::Unit unit = v1::UNIT_UNSPECIFIED;
  std::string description;
  int64_t cap = 0;
  // The figures below are told for the first violation at least; an answer
  // must fit into a header, so later ones may lack them (all 0).
  int64_t spent = 0;
  int64_t reserved = 0;
  int64_t overage = 0;
  int64_t requested = 0;
  int64_t affordable = 0;  // what would have fitted this limit
};

// A typed "no": this attempt holds nothing, do not dispatch. Where the library
// repeated a Reserve because an attempt before had no answer, that one may still
// be admitted: it then holds until its TTL, or until a Release under its id.
struct Denial {
  DenialReason reason = DenialReason::kBudgetExhausted;
  std::string reason_name;
  std::string message;
  std::vector<DenialViolation> violations;
  // Set only where waiting helps; exact for what was requested.
  std::optional<absl::Duration> retry_after;
};

// The denial in a status; nullopt if it is anything else (OK, bad input, an
// outage). An outage is never a denial: the caller's failure policy applies.
std::optional<Denial> DenialOf(const absl::Status& status);

// What ErrorInfo of domain "budget.v1" says; empty reason where there is none.
struct ErrorReason {
  std::string reason;
  std::map<std::string, std::string> metadata;
};
ErrorReason ErrorReasonOf(const absl::Status& status);

// How long the server asks to wait; nullopt where it does not.
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// A field that was refused.
struct FieldViolation {
  std::string field;
  std::string description;
};
std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status);

// The wire form as a status whose payloads are the details, keyed by type URL.
// Also for the errors of single operations of a batch.
absl::Status StatusFrom(const google::rpc::Status& status);

}  // namespace budget

#endif  // BUDGET_DENIAL_H_
