#ifndef BUDGET_TESTS_SIM_LEDGER_AUDIT_H_
#define BUDGET_TESTS_SIM_LEDGER_AUDIT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "server/base/uuid.h"
#include "server/domain/catalog.h"
#include "server/domain/counter.h"
#include "server/domain/ledger_entry.h"
#include "tests/sim/verdicts.h"

namespace budget::sim {

// Folds the ledger of one root, entry by entry, with arithmetic of its own, and
// checks each: numbers, times, caps, ends of reservations, one effect per id.
// Shares no code with the product but what an entry and a limit are.
class LedgerAudit {
 public:
  // What the entries of a reservation add up to after one of them.
  struct Figures {
    Amounts spent, held, overage;
    friend bool operator==(const Figures&, const Figures&) = default;
  };
  struct Account {
    int64_t made_by = 0;  // sequence of the entry that made it
    bool ended = false;
    std::vector<Figures> history;  // after each of its entries
  };

  LedgerAudit(std::string root, Verdicts& verdicts)
      : root_(std::move(root)), verdicts_(verdicts) {}

  // The next entry, of a transaction that committed at `now`. `catalog` has
  // the limits it moves.
  void Take(const LedgerEntry& entry, const Catalog& catalog, absl::Time now);

  // One transaction ends: the request ids of its entries are used up.
  void EndTransaction();

  // What the fold says of the counter at `now`.
  Tally TallyOf(const Pin& key, absl::Time now) const;

  const Account* Find(const Uuid& reservation) const;
  bool HasRequest(const Uuid& request) const {
    return requests_.contains(request) || fresh_requests_.contains(request);
  }
  int64_t last_sequence() const { return last_sequence_; }
  // All entries so far; the hash of each.
  const std::vector<uint64_t>& hashes() const { return hashes_; }

 private:
  struct Cell {
    int64_t spent = 0, reserved = 0, overage = 0, unpriced = 0;
  };
  struct Line {
    Unit unit = Unit::kUsdNanos;
    absl::Duration rolling;  // zero: the window is not rolling
    std::map<WindowKey, Cell> cells;
  };

  void TakeNumber(const LedgerEntry& entry, absl::Time now);
  void TakeReservation(const LedgerEntry& entry);
  void TakeRequest(const LedgerEntry& entry);
  void Move(const LedgerEntry& entry, const Pin& pin, const Catalog& catalog);
  static Tally Sum(const Line& line, WindowKey window, absl::Time now);
  std::string Say(const LedgerEntry& entry, absl::string_view what) const;

  const std::string root_;
  Verdicts& verdicts_;
  int64_t last_sequence_ = 0;
  absl::Time last_time_ = absl::InfinitePast();
  absl::flat_hash_map<LimitId, Line> lines_;
  absl::flat_hash_map<LimitId, int64_t> caps_;
  absl::flat_hash_map<Uuid, Account> accounts_;
  absl::flat_hash_set<Uuid> requests_;
  absl::flat_hash_set<Uuid> fresh_requests_;  // of the transaction under way
  std::vector<uint64_t> hashes_;
};

// Of all that an entry says: the same in every process.
uint64_t HashOf(const LedgerEntry& entry);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_LEDGER_AUDIT_H_
