#ifndef BUDGET_DOMAIN_LEDGER_FOLD_H_
#define BUDGET_DOMAIN_LEDGER_FOLD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "server/domain/catalog.h"
#include "server/domain/counter.h"
#include "server/domain/ledger_entry.h"

namespace budget {

// Equal to budget.v1.DiscrepancyKind: never renumber.
enum class DiscrepancyKind : int {
  kBooks = 0,        // the ledger and the tables, or the ledger in itself
  kRowChanged = 1,   // an entry is not what was sealed
  kRowMissing = 2,   // an entry that was sealed is gone
  kRowMoved = 3,     // an entry stands where another was sealed
  kSealChanged = 4,  // a seal does not follow from what it seals
  kSealMissing = 5,  // entries between seals have none
  kCheckpoint = 6,   // the ledger is not what a checkpoint says it was
};

// A disagreement between the ledger and the tables, or within the ledger.
struct Discrepancy {
  std::string subject;
  std::string ledger;  // what the ledger says, or its seals
  std::string stored;  // what the tables say, or the rule it breaks
  DiscrepancyKind kind = DiscrepancyKind::kBooks;
};

// What verifying a root found.
struct VerifyReport {
  static constexpr int kDiscrepanciesMax = 100;
  std::vector<Discrepancy> discrepancies;  // the first of them
  int64_t discrepancies_total = 0;
  int64_t entries = 0;
  int64_t counters = 0;
  int64_t reservations = 0;
  int64_t ledger_sequence = 0;
  int64_t seals = 0;
  int64_t sealed_sequence = 0;  // the last entry that has a seal
  absl::Time read_time;

  void Add(Discrepancy discrepancy);
};

// A counter as stored. `as_of` is the time its tally was aged to.
struct StoredCounter {
  Pin key;
  Counter counter;
  absl::Time as_of;
};

// Recomputes counters from ledger entries and checks every prefix on the way:
// sequence numbers have no holes, time does not fall, and no entry raises
// spent + reserved past the cap in force. Needs the whole catalog of the root,
// removed limits too, which must outlive it.
class LedgerFold {
 public:
  LedgerFold(const Catalog& catalog, VerifyReport& report)
      : catalog_(catalog), report_(report) {}

  // Folds the next entry.
  void Add(const LedgerEntry& entry);

  // Compares with a counter as stored. Each counter is given once.
  void Compare(const StoredCounter& stored);

  // Reports the counters of the ledger that Compare was never given, and
  // compares the number of entries with the root's record.
  void Finish(int64_t last_sequence);

 private:
  void ApplyToPin(const LedgerEntry& entry, const Pin& pin);

  const Catalog& catalog_;
  VerifyReport& report_;
  absl::flat_hash_map<Pin, Counter> counters_;
  absl::flat_hash_map<LimitId, int64_t> caps_;
  absl::Time last_time_ = absl::InfinitePast();
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_LEDGER_FOLD_H_
