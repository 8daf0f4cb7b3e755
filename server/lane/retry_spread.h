#ifndef BUDGET_LANE_RETRY_SPREAD_H_
#define BUDGET_LANE_RETRY_SPREAD_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace budget {

// Says when callers that are refused should come back, so that those who are
// refused together do not return together. Thread-safe.
class RetrySpread {
 public:
  // Half to one and a half times `wait`, which is taken to be at least 100 ms
  // and at most 10 s.
  absl::Duration After(absl::Duration wait);

 private:
  std::atomic<uint64_t> refused_{0};
};

}  // namespace budget

#endif  // BUDGET_LANE_RETRY_SPREAD_H_
