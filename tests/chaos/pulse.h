#ifndef BUDGET_TESTS_CHAOS_PULSE_H_
#define BUDGET_TESTS_CHAOS_PULSE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/chaos/history.h"

namespace budget::chaos {

// How the service is doing: calls that were answered, and those that were not,
// by the time of their return. Thread-safe.
class Pulse {
 public:
  void Note(const Call& call);

  // Since `healed`, when the first 2.5 s began in which 99% of the calls were
  // answered; nullopt while there are none. That is longer than any gateway
  // waits for an answer, so calls that hang show.
  std::optional<absl::Duration> RecoveredAfter(Nanos healed) const;

  // Whether for some 2.5 s on end between the two 99% of calls were answered
  // or told at once to come again, and half of them answered. Where the machine
  // has no time for the service, that is all it can say, and calls may fail
  // together once.
  bool WasWell(Nanos from, Nanos to) const;
  // For people: of each 250 ms between the two, how many calls nobody answered,
  // how many were told to come again, and how many there were; then what those
  // were that nobody answered, and how long they took at most:
  // "0+2/71 3+0/65: 3 settle unknown STORAGE_UNAVAILABLE (1.2s)".
  std::string Trace(Nanos from, Nanos to) const;

 private:
  struct Unanswered {
    int64_t calls = 0;
    Nanos took_max = 0;
  };
  struct Beat {
    int64_t answered = 0;
    int64_t refused = 0;
    int64_t all = 0;
    std::map<std::string, Unanswered> unanswered;  // by KindOf
  };
  // Of the slices that a steady service has from `first` on.
  Beat SumFrom(int64_t first) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<int64_t, Beat> beats_ ABSL_GUARDED_BY(mutex_);  // by slice
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_PULSE_H_
