#ifndef BUDGET_DOMAIN_BOOKS_H_
#define BUDGET_DOMAIN_BOOKS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/base/shared.h"
#include "server/domain/decide.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/line.h"
#include "server/domain/outcome.h"
#include "server/domain/targets.h"
#include "server/domain/working_set.h"

namespace budget {

// The books of one root at one moment: the only way by which operations read
// and move counters. Looks up what many operations share once, and again after
// the catalog has changed. Not thread-safe.
class Books {
 public:
  Books(WorkingSet& set, absl::Time now, const DecideOptions& options)
      : set_(set), now_(now), options_(options) {}

  WorkingSet& set() { return set_; }
  Catalog& catalog() { return set_.catalog; }
  absl::Time now() const { return now_; }
  const DecideOptions& options() const { return options_; }

  // The limit in the window that a hold made now is pinned to.
  Pin CurrentPin(const Limit& limit);

  // What calls on the allocations at `paths` concern.
  const Targets& TargetsOf(const std::vector<std::string>& paths);

  // The line of each pin, in the order of `pins`.
  absl::Span<const Line* const> LinesOf(const SharedList<Pin>& pins);
  const Line& LineOf(const Pin& pin);

  std::vector<LimitReading> Read(const SharedList<Pin>& pins);

  // Numbers and dates `entry`, appends it and moves its counters. Returns the
  // thresholds reached. A refund that a counter cannot take in full, because
  // an administrator credited it before, is posted to that counter as far as
  // it goes by an entry of its own.
  std::vector<Crossing> Post(LedgerEntry entry);

 private:
  // The lines of a list. The list is kept, so that no other takes its address.
  struct Lines {
    SharedList<Pin> pins;
    std::vector<const Line*> lines;
  };

  void ForgetIfStale();
  Line MakeLine(const Pin& pin);
  // Takes what cannot be refunded in full off `entry`, as entries of its own.
  std::vector<LedgerEntry> SplitRefund(LedgerEntry& entry);
  void Append(LedgerEntry entry, std::vector<Crossing>& crossed);

  WorkingSet& set_;
  const absl::Time now_;
  const DecideOptions& options_;
  absl::flat_hash_map<LimitId, WindowKey> current_windows_;

  // Derived from the catalog of this version.
  int64_t catalog_version_ = 0;
  absl::node_hash_map<std::vector<std::string>, Targets> targets_;
  absl::node_hash_map<Pin, Line> lines_;
  absl::flat_hash_map<const Pin*, Lines> lines_by_list_;
  const Pin* latest_list_ = nullptr;  // asked for several times in a row
  absl::Span<const Line* const> latest_lines_;
};

// What `entry` moves in the counter of a limit that counts `unit`.
CounterDelta DeltaOf(const LedgerEntry& entry, Unit unit);

}  // namespace budget

#endif  // BUDGET_DOMAIN_BOOKS_H_
