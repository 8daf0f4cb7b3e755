#include "server/app/upkeep.h"

#include <string>

#include "server/app/log.h"
#include "server/lane/sealer.h"
#include "server/lane/sweeper.h"

namespace budget {
namespace {

constexpr absl::Duration kDenialFlushPause = absl::Seconds(1);
constexpr absl::Duration kPurgePause = absl::Hours(1);
constexpr int kPurgeRowsMax = 5000;

void PurgeAll(Store& store, absl::Duration retention) {
  while (true) {
    const absl::StatusOr<int64_t> purged =
        store.PurgeEnded(retention, kPurgeRowsMax);
    LogFailure("purge_failed", purged.status());
    if (!purged.ok() || *purged < kPurgeRowsMax) return;
  }
}

// A root whose ledger has a hole is told of again and again, until it is mended.
void SealLedgers(const Upkeep::Tools& tools) {
  const absl::StatusOr<SealedRun> run =
      SealAll(tools.store, [&tools] { return tools.stop.Pending(); });
  LogFailure("sealing_failed", run.status());
  if (!run.ok()) return;
  tools.meters.seal_broken_roots.Set(static_cast<int64_t>(run->broken.size()));
  for (const std::string& root : run->broken) {
    LogRepeating("ledger_not_sealed",
                 {{"root", root},
                  {"cause",
                   "its next entry is missing or damaged, or a seal is gone"},
                  {"remedy", "budgetctl verify " + root}});
  }
}

}  // namespace

Upkeep::Upkeep(const Config& config, const Tools& tools)
    : sweeper_(config.sweep_interval,
               [tools] {
                 LogFailure("sweep_failed", SweepAll(tools.store, tools.clock,
                                                     tools.dispatcher));
               }),
      flusher_(kDenialFlushPause,
               [tools] {
                 LogFailure("denials_not_written", tools.denials.Flush());
               }),
      purger_(kPurgePause, [store = &tools.store, retention = config.retention] {
        PurgeAll(*store, retention);
      }) {
  if (config.seal_interval > absl::ZeroDuration()) {
    sealer_.emplace(config.seal_interval, [tools] { SealLedgers(tools); });
  }
}

}  // namespace budget
