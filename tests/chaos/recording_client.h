#ifndef BUDGET_TESTS_CHAOS_RECORDING_CLIENT_H_
#define BUDGET_TESTS_CHAOS_RECORDING_CLIENT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "budget/client.h"
#include "tests/chaos/history.h"
#include "tests/chaos/intent.h"

namespace budget::chaos {

// How long a client waits and how often it tries.
struct Patience {
  absl::Duration timeout = absl::Seconds(2);
  int attempts_max = 10;
};

// A client of the library that writes down what it asks and what it is
// answered. A call of several attempts is one, unless it was told no after an
// attempt that nobody answered: that one may still take effect, and is written
// down beside it as an attempt whose outcome is unknown. Thread-safe.
class RecordingClient {
 public:
  RecordingClient(const std::vector<std::string>& endpoints, Patience patience,
                  History& history);

  // Returns how it was answered in the end.
  Call Do(const Intent& intent);

  // The same for several in one Batch, but for kSetLimit, in their order: each
  // is a call of its own.
  std::vector<Call> DoBatch(const std::vector<Intent>& intents);

  // To move the cap of the pool of a root, unless somebody else does meanwhile.
  absl::StatusOr<Intent> IntendCap(int root, int64_t cap);

  // A read of the allocation that `target` is; `ids` names its limits.
  using LimitIds = std::map<std::string, int>;  // "path name" to limit_id
  absl::Status DoRead(int root, int target, const LimitIds& ids);

 private:
  absl::Status Send(const Intent& intent, Call& call);
  // Writes down how it was answered, and when.
  void Note(const absl::Status& status, Nanos returned, Call& call);
  Answer AnswerOf(const absl::Status& status, Verb verb) const;

  const Patience patience_;
  Client client_;
  History& history_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_RECORDING_CLIENT_H_
