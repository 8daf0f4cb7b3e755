#ifndef BUDGET_TESTS_CHAOS_RECORDING_CLIENT_H_
#define BUDGET_TESTS_CHAOS_RECORDING_CLIENT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "budget/client.h"
#include "tests/chaos/history.h"

namespace budget::chaos {

// What a client wants done, whether or not it is done: repeating it must not
// change anything.
struct Intent {
  Verb verb = Verb::kReserve;
  int root = 0;
  int target = 0;                          // kReserve
  absl::Duration ttl = absl::Seconds(2);   // kReserve
  Uuid id;
  Units amounts = {};  // kReserve: to hold; kSettle: used so far
  bool final = true;   // kSettle
};

// How long a client waits and how often it tries.
struct Patience {
  absl::Duration timeout = absl::Seconds(2);
  int attempts_max = 10;
};

// A client of the library that writes down what it asks and what it is
// answered. A call of several attempts is one, unless it was denied after an
// attempt that nobody answered: that one may still take effect, and is written
// down as a call of its own whose outcome is unknown. Thread-safe.
class RecordingClient {
 public:
  RecordingClient(const std::vector<std::string>& endpoints, Patience patience,
                  History& history);

  // Returns how it was answered in the end.
  Call Do(const Intent& intent);

  // Moves the cap of the pool of a root, unless somebody else does meanwhile.
  void DoSetCap(int root, int cap);

  // A read of the pool of a root, with the limits that `ids` names.
  using LimitIds = std::map<std::string, int>;  // "path name" to limit_id
  absl::Status DoRead(int root, const LimitIds& ids);

 private:
  absl::Status Send(const Intent& intent, Call& call);
  // Writes down how it was answered.
  void Note(const absl::Status& status, Call& call);
  Answer AnswerOf(const absl::Status& status) const;

  const Patience patience_;
  Client client_;
  History& history_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_RECORDING_CLIENT_H_
