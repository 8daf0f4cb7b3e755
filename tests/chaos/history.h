#ifndef BUDGET_TESTS_CHAOS_HISTORY_H_
#define BUDGET_TESTS_CHAOS_HISTORY_H_

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/base/uuid.h"

namespace budget::chaos {

// usd_nanos, tokens, requests: in the order of limits.unit in the database.
using Units = std::array<int64_t, 3>;

// Nanoseconds of this process's steady clock: the replicas' clocks may lie.
using Nanos = int64_t;
inline constexpr Nanos kNever = std::numeric_limits<Nanos>::max();

Nanos NowNanos();

enum class Verb {
  kReserve,
  kAdjust,
  kSettle,
  kRelease,
  kRecordUsage,
  kSetLimit,
};
inline constexpr Verb kVerbs[] = {Verb::kReserve,     Verb::kAdjust,
                                  Verb::kSettle,      Verb::kRelease,
                                  Verb::kRecordUsage, Verb::kSetLimit};

// "record_usage"
absl::string_view NameOf(Verb verb);

enum class Answer {
  kOk,
  kDenied,     // a budget said no
  kOvertaken,  // things are not so any more, and it did nothing
  kRefused,    // the replica says that it did nothing
  kUnknown,    // it may have happened
  kFailed,     // anything else: a bug
};

// Whether the service answered: a no is an answer.
bool IsAnswered(Answer answer);

// Whether it may have left entries.
bool MayHaveHappened(Answer answer);

// One call as its client saw it.
struct Call {
  Verb verb = Verb::kReserve;
  Answer answer = Answer::kUnknown;
  int root = 0;
  Uuid id;  // of the reservation or usage; kSetLimit: of the request
  Nanos called = 0;
  Nanos returned = 0;
  int64_t batch = 0;       // the Batch that it was sent in; 0: none
  int place = 0;           // among the calls of that
  int target = 0;          // of the world; not of kSetLimit
  bool final = true;       // kSettle
  Units asked = {};        // to hold, or used (kSettle: so far)
  int64_t cap = 0;         // kSetLimit
  int64_t ttl_micros = 0;  // kReserve
  std::string reason;      // unless kOk
  int attempts = 1;        // that may have taken effect: all but those refused
  // It stands for those before the last one of a call that is written down
  // beside it.
  bool is_attempt = false;

  // Of an answer that is kOk, but for kSetLimit. The entry; 0: nothing changed.
  int64_t sequence = 0;

  // Of an answer to Reserve or RecordUsage that is kOk.
  bool replayed = false;
  int64_t created_micros = 0;
  int64_t expires_micros = 0;  // kReserve
  // Of one to Reserve or AdjustReservation: what is held by it.
  Units granted = {};

  // Of one to Settle, Release or RecordUsage: the reservation.
  int state = 0;
  int64_t ended_micros = 0;  // 0: open
  Units spent = {};
  Units overage = {};
};

// What was asked, the answer and its reason: "reserve denied
// BUDGET_EXHAUSTED".
std::string KindOf(const Call& call);

// Whether it was told a no that says something of the books: an administrator
// whose etag was too old was not.
bool IsNoOfTheBooks(const Call& call);

// Whether an attempt before the one that was answered may take effect, or have
// done.
bool FollowsDoubt(const Call& call);

// Whether an OK says that this very call made the entry that it names.
bool SaysItMadeIt(const Call& call);

// A limit as a read showed it.
struct LimitReading {
  int limit = 0;  // limits.limit_id; 0: there is none of that name
  int64_t spent = 0;
  int64_t reserved = 0;
  int64_t overage = 0;
  int64_t window = 0;  // of a calendar limit: its key
};

// One consistent read of the limits that a target is under.
struct Read {
  int root = 0;
  int target = 0;  // of the world
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

  // A number for the calls of one Batch.
  int64_t NewBatch();

  // Calls and reads. What is repeated under its id is a call of its own.
  int64_t operations() const;

  // Everything so far, ordered by nothing.
  std::vector<Call> TakeCalls();
  std::vector<Read> TakeReads();

 private:
  mutable absl::Mutex mutex_;
  int64_t operations_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t batches_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);
  std::vector<Read> reads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_HISTORY_H_
