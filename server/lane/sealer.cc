#include "server/lane/sealer.h"

namespace budget {
namespace {

// What comes in during a pass is left to the next run, unless it is so much
// that it would pile up: seals of few entries cost a row for little.
constexpr int64_t kLittle = 1000;  // entries in a pass

}  // namespace

absl::StatusOr<SealedRun> SealAll(Store& store,
                                  const std::function<bool()>& stop) {
  SealedRun run;
  int64_t in_pass = 0;
  std::string after;
  while (!stop()) {
    const absl::StatusOr<SealProgress> progress = store.SealLedgers(after);
    if (!progress.ok()) return progress.status();
    in_pass += progress->entries;
    run.entries += progress->entries;
    run.broken.insert(progress->broken.begin(), progress->broken.end());
    if (progress->met_rival) break;
    after = progress->next_after;
    if (!after.empty()) continue;
    if (in_pass < kLittle) break;
    in_pass = 0;
  }
  return run;
}

}  // namespace budget
