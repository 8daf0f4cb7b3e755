#ifndef BUDGET_STORE_POSTGRES_FAILURE_H_
#define BUDGET_STORE_POSTGRES_FAILURE_H_

#include <stdexcept>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace budget {

// Why a transaction did not succeed.
enum class FailureKind {
  kConflict,
  kDeadlock,
  kLockTimeout,  // or out of time otherwise
  kConnectionLost,
  kOutOfResources,
  kNoRoom,           // in shared memory; a smaller one may find some
  kInDoubt,          // it may have been committed
  kInvariantBroken,  // a constraint fired, or rows are not as they must be
};

struct Failure {
  FailureKind kind = FailureKind::kInvariantBroken;
  std::string detail;  // the driver's text: for the log only
  std::string status_message;  // kInvariantBroken: for the caller
  std::string sqlstate;        // empty where the server said none
};

// Thrown where the tables are not as they must be. The message is ours and may
// be shown to callers.
class InvariantBroken : public std::runtime_error {
 public:
  explicit InvariantBroken(const std::string& message)
      : std::runtime_error(message) {}
};

// Thrown by a commit whose effect is unknown.
class CommitInDoubt : public std::runtime_error {
 public:
  explicit CommitInDoubt(const std::string& detail)
      : std::runtime_error(detail) {}
};

// Thrown where the deadline passed while a way was being made.
class OutOfTime : public std::runtime_error {
 public:
  OutOfTime() : std::runtime_error("out of time") {}
};

// Says what the exception that is being handled means.
Failure DescribeCurrentException();

// Whether the same transaction, run again, may succeed.
inline bool IsTransient(FailureKind kind) {
  return kind != FailureKind::kInvariantBroken;
}

absl::string_view FailureName(FailureKind kind);

// The status for a failure that is not retried any more.
absl::Status ToStatus(const Failure& failure);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_FAILURE_H_
