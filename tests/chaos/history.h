#ifndef BUDGET_TESTS_CHAOS_HISTORY_H_
#define BUDGET_TESTS_CHAOS_HISTORY_H_

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/base/uuid.h"

namespace budget::chaos {

// usd_nanos, tokens, requests: in the order of limits.unit in the database.
using Units = std::array<int64_t, 3>;

// Nanoseconds of this process's steady clock: the replicas' clocks may lie.
using Nanos = int64_t;
inline constexpr Nanos kNever = std::numeric_limits<Nanos>::max();

Nanos NowNanos();

enum class Verb { kReserve, kSettle, kRelease, kSetLimit };

enum class Answer {
  kOk,
  kDenied,   // a budget said no
  kRefused,  // the replica says that it did nothing
  kUnknown,  // it may have happened
  kFailed,   // anything else: a bug
};

// One call as its client saw it.
struct Call {
  Verb verb = Verb::kReserve;
  Answer answer = Answer::kUnknown;
  int root = 0;
  Uuid id;  // of the reservation; kSetLimit: of the request
  Nanos called = 0;
  Nanos returned = 0;
  int target = 0;      // of the world; kReserve
  bool final = true;   // kSettle
  Units asked = {};    // kReserve: to hold; kSettle: used so far
  int64_t cap = 0;     // kSetLimit
  std::string reason;  // unless kOk
  // An attempt before the one that was answered may take effect, or have done.
  bool follows_doubt = false;

  // Of an answer that is kOk, but for kSetLimit. The entry; 0: nothing changed.
  int64_t sequence = 0;

  // Of an answer to Reserve that is kOk.
  bool replayed = false;
  Units granted = {};
  int64_t created_micros = 0;
  int64_t expires_micros = 0;

  // Of an answer to Settle or Release that is kOk: the reservation.
  int state = 0;
  int64_t ended_micros = 0;  // 0: open
  Units used = {};           // spent and overage
};

// The answer and its reason: "denied BUDGET_EXHAUSTED".
std::string KindOf(const Call& call);

// A limit as a read showed it.
struct LimitReading {
  int limit = 0;  // limits.limit_id
  int64_t spent = 0;
  int64_t reserved = 0;
  int64_t overage = 0;
};

// One consistent read of the limits of a root.
struct Read {
  int root = 0;
  Nanos called = 0;
  Nanos returned = 0;
  int64_t sequence = 0;  // the last entry it includes
  int64_t read_micros = 0;
  std::vector<LimitReading> limits;
};

// All calls of a run. Thread-safe.
class History {
 public:
  void Add(Call call);
  void Add(Read read);

  int64_t size() const;

  // Everything so far, ordered by nothing.
  std::vector<Call> TakeCalls();
  std::vector<Read> TakeReads();

 private:
  mutable absl::Mutex mutex_;
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);
  std::vector<Read> reads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_HISTORY_H_
