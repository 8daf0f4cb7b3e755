#ifndef BUDGET_DOMAIN_STORE_H_
#define BUDGET_DOMAIN_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/denial_count.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/ledger_fold.h"
#include "server/domain/ledger_seal.h"
#include "server/domain/load_plan.h"
#include "server/domain/working_set.h"

namespace budget {

// Working sets of one transaction, in the order of their plans. Shared, for
// outcomes refer to their names after the transaction.
using WorkingSets = std::vector<std::shared_ptr<WorkingSet>>;

// A consistent read of one root.
struct Snapshot {
  std::unique_ptr<WorkingSet> set;
  absl::Time read_time;  // the database clock
};

// One page of a list, with the names that its items refer to.
template <typename T>
struct Page {
  std::vector<T> items;
  bool more = false;
  Catalog catalog;
  absl::Time read_time;
};

struct ReservationFilter {
  std::string under;                      // this allocation and those below
  // Only what is wholly in these subtrees; nullopt: everywhere.
  std::optional<std::vector<std::string>> within;
  std::optional<ReservationState> state;  // as stored
  // Continues after this one, by created_at and id, both falling.
  struct Cursor {
    absl::Time created_at;
    Uuid id;
  };
  std::optional<Cursor> after;
  int page_size = 50;
};

struct LedgerFilter {
  std::string root;
  int64_t after_sequence = 0;
  std::optional<Uuid> reservation;
  int page_size = 50;
};

struct AllocationFilter {
  std::string under;  // empty: all roots
  // Only those in one of these subtrees; nullopt: everywhere.
  std::optional<std::vector<std::string>> within;
  bool include_archived = false;
  std::string after;  // continues after this path
  int page_size = 50;
};

struct DenialFilter {
  std::string under;
  int64_t offset = 0;
  int page_size = 50;
};

struct PriceTable {
  int64_t version = 0;
  std::vector<ModelPrice> prices;
};

// What open reservations hold, of all roots together. Amounts past kAmountMax
// are cut to it.
struct OpenHolds {
  int64_t reservations = 0;
  Amounts held;

  friend bool operator==(const OpenHolds&, const OpenHolds&) = default;
};

// What a call of SealLedgers has done.
struct SealProgress {
  int64_t entries = 0;  // that have got a seal
  // Another replica was sealing the same entries.
  bool met_rival = false;
  // Goes on after this root; empty: there are no more.
  std::string next_after;
  // Roots whose next entry is missing or is none, or of which a seal is gone or
  // changed, so that nothing is sealed any more: Verify says what has happened
  // to them.
  std::vector<std::string> broken;
};

// The chain at the last seal of a root.
struct SealedHead {
  ChainHead head;
  absl::Time read_time;  // the database clock
};

// What is known of a ledger outside of its database, which may have lost or
// changed what it had: both agree with themselves.
struct KnownElsewhere {
  std::vector<ExpectedEntry> entries;  // that were acknowledged, in any order
  std::vector<ChainHead> checkpoints;  // of its hash chain, in any order
};

// The right to write next in a lane. One that is made of the lane's number has
// yet to be waited for, by the transaction that uses it. One that AwaitTurn
// gave may be held already: nobody else then writes in the lane until it is
// used or destroyed, so no time may be lost.
class Turn {
 public:
  // What a store keeps while a turn is held; its end gives the turn up.
  class Hold {
   public:
    virtual ~Hold() = default;
  };

  // Implicit: most who write in a lane just wait for it.
  Turn(int lane) : lane_(lane) {}  // NOLINT(google-explicit-constructor)
  Turn(int lane, std::unique_ptr<Hold> hold)
      : lane_(lane), hold_(std::move(hold)) {}

  int lane() const { return lane_; }
  bool held() const { return hold_ != nullptr; }
  std::unique_ptr<Hold> TakeHold() { return std::move(hold_); }

 private:
  int lane_;
  std::unique_ptr<Hold> hold_;
};

// Where the truth is kept. Thread-safe. Every status that is not OK is one of:
// UNAVAILABLE (the storage cannot be reached, or conflicts outlasted the
// deadline; nothing is known to have changed), DEADLINE_EXCEEDED (before
// anything was tried), RESOURCE_EXHAUSTED (of Transact: there was no room for a
// transaction this large, and nothing has changed; a smaller one may find some),
// INTERNAL (an invariant is broken: a constraint fired, rows are missing).
// Messages carry no text of drivers and no secrets.
class Store {
 public:
  virtual ~Store() = default;

  // How many lanes there are. A root's lane is LaneOf(root, lanes()).
  virtual int lanes() const = 0;

  // Where others write in `lane` too, waits for a turn up to `deadline`
  // (replica clock): what comes meanwhile can still be planned for. Gives one
  // that is not held at once where nobody else does, and where none could be
  // had in time. It is for Transact of this same store.
  virtual Turn AwaitTurn(int lane, absl::Time deadline) = 0;

  // Runs one SERIALIZABLE transaction: gets its turn, loads the plans, calls
  // `decide` with the sets and the database clock, writes the changes and
  // commits. Retries with jittered backoff until `deadline` (replica clock) on
  // conflicts, lost connections and commits in doubt that are not found to have
  // been made: `decide` then runs again on fresh sets, and its last run counts.
  // It must therefore assign its results. Of very many reservations that are
  // due, some may be left to later transactions (WorkingSet::more_due), unless
  // `decide` marks a set as undecided: then the store ends all that are due in
  // transactions of their own, and calls it again. When this returns OK the
  // changes are durable. All plans are of roots of the turn's lane, each root
  // once.
  virtual absl::Status Transact(
      Turn turn, absl::Span<const LoadPlan> plans,
      absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
      absl::Time deadline) = 0;

  // Reads without locking. Open reservations that are due are loaded too.
  virtual absl::StatusOr<Snapshot> Read(const LoadPlan& plan) = 0;

  virtual absl::StatusOr<Page<Allocation>> ListAllocations(
      const AllocationFilter& filter) = 0;
  virtual absl::StatusOr<Page<Reservation>> ListReservations(
      const ReservationFilter& filter) = 0;
  virtual absl::StatusOr<Page<LedgerEntry>> ListLedger(
      const LedgerFilter& filter) = 0;
  virtual absl::StatusOr<Page<DenialCount>> ListDenials(
      const DenialFilter& filter) = 0;
  // version 0: the one in force. An absent version has no prices and is 0.
  virtual absl::StatusOr<PriceTable> ReadPrices(absl::string_view root,
                                                int64_t version) = 0;

  // Adds to the denial counts. OK also where a crash in the middle leaves open
  // whether they were added: at most once, and not to be tried again.
  virtual absl::Status AddDenials(absl::Span<const DenialCount> counts) = 0;

  // Up to `max` roots that may have open reservations which are due: all that
  // have some are among those that repeated sweeps and calls find.
  virtual absl::StatusOr<std::vector<std::string>> RootsDue(int max) = 0;

  // The last ledger sequence of each of `roots` that exists.
  virtual absl::StatusOr<std::map<std::string, int64_t>> LastSequences(
      absl::Span<const std::string> roots) = 0;

  // Up to `max` roots after that name, in their order.
  virtual absl::StatusOr<std::vector<std::string>> Roots(absl::string_view after,
                                                         int max) = 0;

  // Counts the open reservations, those that are due among them. Looks at every
  // one of them and at those that ended before they would have expired: seconds
  // where there are millions.
  virtual absl::StatusOr<OpenHolds> ReadOpenHolds() = 0;

  // How long the reservation has been due that has been open and due for the
  // longest; zero where none is.
  virtual absl::StatusOr<absl::Duration> LongestDue() = 0;

  // Deletes up to `max` ended reservations with version 7 ids that ended more
  // than `retention` ago. Their ledger stays. Returns how many.
  virtual absl::StatusOr<int64_t> PurgeEnded(absl::Duration retention,
                                             int max) = 0;

  // Seals entries that have no seal yet, of some of the roots after
  // `after_root`, in order of their names, and some thousand entries of each at
  // most: what is left over is for the next pass over the roots. Safe on any
  // number of replicas at once, and beside everything else.
  virtual absl::StatusOr<SealProgress> SealLedgers(
      const std::string& after_root) = 0;

  // The chain at the last seal of `root`, which says nothing of whether it is
  // right. NOT_FOUND if there is no such root.
  virtual absl::StatusOr<SealedHead> ReadSealed(absl::string_view root) = 0;

  // Folds the ledger of `root` and compares it with every counter and
  // reservation, with its seals, and with what is known `elsewhere`, in one
  // consistent read. NOT_FOUND if there is no such root.
  virtual absl::StatusOr<VerifyReport> Verify(absl::string_view root,
                                              KnownElsewhere elsewhere) = 0;

  // OK if a transaction could be run now.
  virtual absl::Status Ping() = 0;
};

// The lane of `root`, 0 to lanes - 1: the same in every replica and release.
int LaneOf(absl::string_view root, int lanes);

}  // namespace budget

#endif  // BUDGET_DOMAIN_STORE_H_
