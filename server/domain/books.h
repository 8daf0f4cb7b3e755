#ifndef BUDGET_DOMAIN_BOOKS_H_
#define BUDGET_DOMAIN_BOOKS_H_

#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/decide.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/outcome.h"
#include "server/domain/working_set.h"

namespace budget {

// The books of one root at one moment: the only way by which operations read
// and move counters. Not thread-safe.
class Books {
 public:
  Books(WorkingSet& set, absl::Time now, const DecideOptions& options)
      : set_(set), now_(now), options_(options) {}

  WorkingSet& set() { return set_; }
  Catalog& catalog() { return set_.catalog; }
  absl::Time now() const { return now_; }
  const DecideOptions& options() const { return options_; }

  // The window that a hold made now is pinned to.
  WindowKey CurrentWindow(const Limit& limit);

  // The tally that admission in `window` looks at, aged to now.
  const Tally& TallyOf(const Limit& limit, WindowKey window);
  const Counter& CounterOf(const Limit& limit, WindowKey window);

  // Whether spend in `window` counts at all: false for rolling buckets that
  // have aged out.
  bool Counts(const Limit& limit, WindowKey window) const;

  // How much more spend in `window` fits under the cap; kAmountMax where spend
  // no longer counts. Overage does not matter here.
  int64_t Headroom(const Limit& limit, WindowKey window);

  // Where the limit stands in `window`.
  LimitReading Read(const Limit& limit, WindowKey window);
  std::vector<LimitReading> Read(absl::Span<const Pin> pins);

  // Numbers and dates `entry`, appends it and moves its counters. Returns the
  // thresholds reached. A refund that a counter cannot take in full, because
  // an administrator credited it before, is posted to that counter as far as
  // it goes by an entry of its own.
  std::vector<Crossing> Post(LedgerEntry entry);

 private:
  WorkingSet::CounterSlot& SlotOf(const Limit& limit, WindowKey window);
  // What `pin` takes of a refund that it cannot take in full; nullopt where it
  // takes all of the entry.
  std::optional<LedgerEntry> ClampedPart(const LedgerEntry& entry,
                                         const Pin& pin);
  void Append(LedgerEntry entry, std::vector<Crossing>& crossed);
  void Move(const LedgerEntry& entry, const Pin& pin,
            std::vector<Crossing>& crossed);

  WorkingSet& set_;
  const absl::Time now_;
  const DecideOptions& options_;
  absl::flat_hash_map<LimitId, WindowKey> current_windows_;
};

// What `entry` moves in the counter of a limit that counts `unit`.
CounterDelta DeltaOf(const LedgerEntry& entry, Unit unit);

// Whether overage counts against the cap where `limit` is.
bool OverageBlocks(const Catalog& catalog, const Limit& limit);

}  // namespace budget

#endif  // BUDGET_DOMAIN_BOOKS_H_
