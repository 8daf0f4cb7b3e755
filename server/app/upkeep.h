#ifndef BUDGET_APP_UPKEEP_H_
#define BUDGET_APP_UPKEEP_H_

#include <optional>

#include "server/app/config.h"
#include "server/app/stop_signal.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/lane/denial_log.h"
#include "server/lane/dispatcher.h"
#include "server/lane/periodic.h"
#include "server/metrics/service_meters.h"

namespace budget {

// What every replica does beside its calls, again and again as long as this
// lives: it ends what has expired, writes down denials, purges what ended long
// ago and seals ledgers. Any number of replicas may do so side by side.
class Upkeep {
 public:
  struct Tools {
    Store& store;
    Clock& clock;
    Dispatcher& dispatcher;
    DenialLog& denials;
    const StopSignal& stop;
    ServiceMeters& meters;
  };

  // `tools` must outlive it.
  Upkeep(const Config& config, const Tools& tools);

 private:
  Periodic sweeper_;
  Periodic flusher_;
  Periodic purger_;
  std::optional<Periodic> sealer_;
};

}  // namespace budget

#endif  // BUDGET_APP_UPKEEP_H_
