#ifndef BUDGET_TESTS_CHAOS_RESOLVER_H_
#define BUDGET_TESTS_CHAOS_RESOLVER_H_

#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/chaos/recording_client.h"

namespace budget::chaos {

// Repeats what was left unknown, under the same id, until it is answered for
// certain: with a no too. A hold that turns out to be there is released.
// Thread-safe.
class Resolver {
 public:
  // `client` must outlive this.
  explicit Resolver(RecordingClient& client);
  // Gives up on what is left.
  ~Resolver();

  void Add(const Intent& intent);

  // Waits until nothing is unknown any more; false after `patience`.
  bool Finish(absl::Duration patience);

  struct Tally {
    int64_t resolved = 0;
    int64_t had_happened = 0;  // holds, of those that tell
    int64_t left = 0;
  };
  Tally tally() const;

 private:
  void Work();
  void Resolve(const Intent& intent);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !waiting_.empty();
  }
  bool IsDone() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return tally_.left == 0;
  }

  RecordingClient& client_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Intent> waiting_ ABSL_GUARDED_BY(mutex_);
  Tally tally_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> workers_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_RESOLVER_H_
