#ifndef BUDGET_TESTS_CHAOS_PULSE_H_
#define BUDGET_TESTS_CHAOS_PULSE_H_

#include <cstdint>
#include <map>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/chaos/history.h"

namespace budget::chaos {

// How the service is doing: calls that were answered, and those that were not,
// by the time of their return. Thread-safe.
class Pulse {
 public:
  void Note(Answer answer, Nanos returned);

  // Since `healed`, when the first 2.5 s began in which 99% of the calls were
  // answered; nullopt while there are none. That is longer than any gateway
  // waits for an answer, so calls that hang show.
  std::optional<absl::Duration> RecoveredAfter(Nanos healed) const;

 private:
  struct Beat {
    int64_t answered = 0;
    int64_t all = 0;
  };
  mutable absl::Mutex mutex_;
  std::map<int64_t, Beat> beats_ ABSL_GUARDED_BY(mutex_);  // by slice
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_PULSE_H_
