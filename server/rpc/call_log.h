#ifndef BUDGET_RPC_CALL_LOG_H_
#define BUDGET_RPC_CALL_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace budget {

// What may be logged of what became of one operation: names of its root, its
// ids and its reason, and nothing of what was asked for.
struct LoggedDecision {
  std::string root;          // empty: it never reached the store
  int64_t sequence = 0;      // of the root's ledger when it was decided
  std::string reservation;   // empty: it concerns none
  absl::string_view reason;  // "BUDGET_EXHAUSTED"; empty: it was granted
  bool denied = false;       // a budget said no
};

// How a call ended.
struct CallEnd {
  absl::string_view service;  // "budget.v1.BudgetService"
  absl::string_view method;   // "Reserve"
  absl::StatusCode code = absl::StatusCode::kOk;
  absl::string_view reason;  // of an error
  bool denied = false;       // a budget said no
  bool streams = false;      // it took as long as the caller wanted
  bool failed_inside = false;  // a batch: an operation failed, not by a denial
  absl::Duration took;
};

// What is logged of a call.
struct CallReport {
  CallEnd end;
  std::string request_id;  // the caller's, or ours
  std::string principal;   // who called; empty: nobody was asked
  std::string trace_id;    // of a W3C traceparent; empty: it brought none
  std::string parent_id;
  int64_t operations = 0;  // of a batch
  // Of the operation, or of those of a batch that were not granted.
  std::vector<LoggedDecision> decisions;
};

// Decides which calls are logged, and logs them. Thread-safe.
class CallLog {
 public:
  virtual ~CallLog() = default;

  // Whether Log is to be called; asked at the end of every call, so cheap.
  virtual bool Wants(const CallEnd& end) = 0;
  virtual void Log(const CallReport& report) = 0;
};

}  // namespace budget

#endif  // BUDGET_RPC_CALL_LOG_H_
