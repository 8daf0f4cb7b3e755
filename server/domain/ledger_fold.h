#ifndef BUDGET_DOMAIN_LEDGER_FOLD_H_
#define BUDGET_DOMAIN_LEDGER_FOLD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/base/uuid.h"
#include "server/domain/catalog.h"
#include "server/domain/counter.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/prices.h"

namespace budget {

// Equal to budget.v1.DiscrepancyKind: never renumber.
enum class DiscrepancyKind : int {
  kBooks = 0,        // the ledger and the tables, the ledger in itself, or what
                     // was acknowledged
  kRowChanged = 1,   // an entry is not what was sealed
  kRowMissing = 2,   // an entry that was sealed is gone
  kRowMoved = 3,     // an entry stands where another was sealed
  kSealChanged = 4,  // a seal does not follow from what it seals
  kSealMissing = 5,  // entries between seals have none
  kCheckpoint = 6,   // the ledger is not what a checkpoint says it was
};

// A disagreement between the ledger and the tables, or within the ledger, or
// with what somebody was told.
struct Discrepancy {
  std::string subject;
  std::string ledger;  // what the ledger says, or its seals
  std::string stored;  // what else says otherwise: tables, a rule, a witness
  DiscrepancyKind kind = DiscrepancyKind::kBooks;
};

// An entry that somebody outside of the database knows to have been committed.
// Sequence numbers that were lost in a failover are given out again: what else
// is known of the entry tells it from its successor.
struct ExpectedEntry {
  int64_t sequence = 0;
  std::optional<Uuid> reservation;
  std::optional<absl::Time> at;
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
  // Reports which of `expected`, in any order, the ledger does not have.
  LedgerFold(const Catalog& catalog, VerifyReport& report,
             std::vector<ExpectedEntry> expected = {});

  // Folds the next entry.
  void Add(const LedgerEntry& entry);

  // Compares with a counter as stored. Each counter is given once.
  void Compare(const StoredCounter& stored);

  // Compares with the price table in force, as far as the entry that made it
  // says what was in it: older ones do not.
  void ComparePrices(absl::Span<const ModelPrice> stored);

  // Reports the counters of the ledger that Compare was never given, compares
  // the number of entries with the root's record, and reports what is expected
  // past the end.
  void Finish(int64_t last_sequence);

 private:
  void ApplyToPin(const LedgerEntry& entry, const Pin& pin);
  void MeetExpected(const LedgerEntry& entry);
  void NotePrices(const LedgerEntry& entry);
  void ReportMissing();

  const Catalog& catalog_;
  VerifyReport& report_;
  std::vector<ExpectedEntry> expected_;  // by sequence
  size_t next_expected_ = 0;
  absl::flat_hash_map<Pin, Counter> counters_;
  absl::flat_hash_map<LimitId, int64_t> caps_;
  absl::Time last_time_ = absl::InfinitePast();
  std::string prices_digest_;  // of the last table; empty: not known
  int64_t prices_sequence_ = 0;
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_LEDGER_FOLD_H_
