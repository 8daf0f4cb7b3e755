#ifndef BUDGET_APP_LOOKOUT_H_
#define BUDGET_APP_LOOKOUT_H_

#include <optional>

#include "server/app/config.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/lane/periodic.h"
#include "server/metrics/seal_walk.h"
#include "server/metrics/service_meters.h"
#include "server/metrics/survey.h"
#include "server/metrics/verify_walk.h"

namespace budget {

// Reads the database now and then for those who watch: what is held and due,
// what has no seal, and whether counters agree with ledgers. Thread-safe.
class Lookout {
 public:
  // All must outlive it.
  Lookout(const Config& config, Store& store, Clock& clock,
          ServiceMeters& meters);

 private:
  Survey survey_;
  SealWalk seals_;
  VerifyWalk walk_;
  Periodic surveyor_;
  std::optional<Periodic> walker_;
};

}  // namespace budget

#endif  // BUDGET_APP_LOOKOUT_H_
