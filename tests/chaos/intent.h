#ifndef BUDGET_TESTS_CHAOS_INTENT_H_
#define BUDGET_TESTS_CHAOS_INTENT_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "tests/chaos/history.h"

namespace budget::chaos {

// What a client wants done, whether or not it is done: repeating it must not
// change anything.
struct Intent {
  Verb verb = Verb::kReserve;
  int root = 0;
  int target = 0;                         // not of kSetLimit
  absl::Duration ttl = absl::Seconds(2);  // kReserve
  Uuid id;
  Units amounts = {};  // to hold, or used (kSettle: so far)
  bool final = true;   // kSettle
  int64_t cap = 0;     // kSetLimit: of the pool
  std::string etag;    // kSetLimit
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_INTENT_H_
