#ifndef BUDGET_LANE_SEALER_H_
#define BUDGET_LANE_SEALER_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "server/domain/store.h"

namespace budget {

// What a run over all roots has sealed.
struct SealedRun {
  int64_t entries = 0;
  std::set<std::string> broken;  // as in SealProgress
};

// Seals what has no seal yet, in pass after pass over all roots until little is
// left, `stop` says so, or another replica turns out to be doing the same.
// Fails as the store does. Safe on any number of replicas at once.
absl::StatusOr<SealedRun> SealAll(Store& store,
                                  const std::function<bool()>& stop);

}  // namespace budget

#endif  // BUDGET_LANE_SEALER_H_
