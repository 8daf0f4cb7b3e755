#ifndef BUDGET_RETRY_H_
#define BUDGET_RETRY_H_

#include <functional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace budget {

// How long to wait after the `failures`-th failure in a row (1, 2, ...).
using BackoffPolicy = std::function<absl::Duration(int failures)>;

// Bounds of ExponentialBackoff.
struct ExponentialBackoffOptions {
  absl::Duration initial = absl::Milliseconds(20);
  absl::Duration max = absl::Seconds(1);
  double multiplier = 2.0;
};

// Draws evenly from the upper half of initial * multiplier^(failures - 1),
// at most `max`: callers that failed together do not come back together.
BackoffPolicy ExponentialBackoff(ExponentialBackoffOptions options = {});

// What the retry loop is made of. Tests pass a clock and a sleeper of their
// own, so they never wait. The functions must be safe from several threads.
struct RetryPolicy {
  int attempts_max = 10;
  BackoffPolicy backoff = ExponentialBackoff();
  std::function<absl::Time()> now;            // unset: the system clock
  std::function<void(absl::Duration)> sleep;  // unset: sleeps
  // Told of each failure that is about to be retried: for counting.
  std::function<void(const absl::Status&)> on_retry;

  absl::Time Now() const;
  void Sleep(absl::Duration duration) const;
};

// Runs `attempt(deadline)` until it answers anything but UNAVAILABLE, until
// `deadline`, or `attempts_max` times. Waits between attempts as the policy
// and the server's RetryInfo say, whichever is longer; the first
// `free_attempts - 1` failures are not waited for where another endpoint may
// answer at once: those without RetryInfo, and those of a replica that drains. A wait that would pass the
// deadline is not begun: the last failure is returned.
absl::Status RunWithRetries(
    const RetryPolicy& policy, absl::Time deadline, int free_attempts,
    absl::FunctionRef<absl::Status(absl::Time deadline)> attempt);

}  // namespace budget

#endif  // BUDGET_RETRY_H_
