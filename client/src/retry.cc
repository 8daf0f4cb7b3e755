#include "budget/retry.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "budget/denial.h"

namespace budget {
namespace {

absl::Duration WaitAfter(const RetryPolicy& policy, const absl::Status& status,
                         int failures, int free_attempts) {
  const std::optional<absl::Duration> asked = RetryAfterOf(status);
  // A replica that drains speaks for itself alone; what others ask to wait for
  // (overload, storage) is shared by all endpoints.
  const bool another_may_answer =
      !asked.has_value() || ErrorReasonOf(status).reason == "DRAINING";
  if (another_may_answer && failures < free_attempts) {
    return absl::ZeroDuration();
  }
  const int rounds = std::max(1, failures - free_attempts + 1);
  return std::max(policy.backoff(rounds), asked.value_or(absl::ZeroDuration()));
}

}  // namespace

absl::Time RetryPolicy::Now() const { return now ? now() : absl::Now(); }

void RetryPolicy::Sleep(absl::Duration duration) const {
  if (sleep) {
    sleep(duration);
  } else {
    absl::SleepFor(duration);
  }
}

BackoffPolicy ExponentialBackoff(ExponentialBackoffOptions options) {
  return [options](int failures) {
    static thread_local absl::BitGen random;
    const double grown = std::pow(options.multiplier, std::min(failures, 64) - 1);
    const absl::Duration full = std::min(options.max, options.initial * grown);
    return full * absl::Uniform(random, 0.5, 1.0);
  };
}

absl::Status RunWithRetries(
    const RetryPolicy& policy, absl::Time deadline, int free_attempts,
    absl::FunctionRef<absl::Status(absl::Time deadline)> attempt) {
  for (int failures = 1;; ++failures) {
    const absl::Status status = attempt(deadline);
    if (!absl::IsUnavailable(status)) return status;
    if (failures >= policy.attempts_max) return status;
    const absl::Duration wait =
        WaitAfter(policy, status, failures, free_attempts);
    if (policy.Now() + wait >= deadline) return status;
    if (policy.on_retry) policy.on_retry(status);
    if (wait > absl::ZeroDuration()) policy.Sleep(wait);
  }
}

}  // namespace budget
