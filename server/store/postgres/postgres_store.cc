#include "server/store/postgres/postgres_store.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/store/postgres/acknowledged.h"
#include "server/store/postgres/epoch.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/loader.h"
#include "server/store/postgres/migrate.h"
#include "server/store/postgres/pool.h"
#include "server/store/postgres/reads.h"
#include "server/store/postgres/seals.h"
#include "server/store/postgres/transactor.h"
#include "server/store/postgres/upkeep.h"

namespace budget {
namespace {

// After a restart of the database every pooled connection fails once.
constexpr int kReadAttemptsMax = 3;

// Allocations and limits that are kept in memory: tens of megabytes.
constexpr size_t kCatalogItemsMax = size_t{64} * 1024;

constexpr Statement kBeginRead = {
    "begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};

constexpr Statement kSchemaProbe = {"schema_probe",
                                    "SELECT FROM budget.roots LIMIT 1"};
constexpr Statement kInRecovery = {"in_recovery", "SELECT pg_is_in_recovery()"};

// How long writes beside the money are tried.
constexpr absl::Duration kUpkeepTime = absl::Seconds(10);

template <typename T>
absl::StatusOr<T> Flat(absl::StatusOr<absl::StatusOr<T>> result) {
  if (!result.ok()) return result.status();
  return *std::move(result);
}

PostgresOptions Completed(PostgresOptions options) {
  if (!options.stats) options.stats = std::make_shared<PostgresStats>();
  if (!options.log) {
    options.log = [](absl::string_view line) {
      absl::FPrintF(stderr, "store: %s\n", line);
    };
  }
  return options;
}

class PostgresStore final : public Store {
 public:
  explicit PostgresStore(const PostgresOptions& options)
      : options_(options),
        acknowledged_(options.log),
        transactor_(options, catalogs_, epoch_, acknowledged_, OnConnect()),
        readers_(options.uri, SessionKind::kReader, options.readers, epoch_,
                 OnConnect(), options.stats->readers) {}

  int lanes() const override { return kLanes; }

  Turn AwaitTurn(int lane, absl::Time deadline) override {
    return transactor_.AwaitTurn(lane, deadline);
  }

  absl::Status Transact(
      Turn turn, absl::Span<const LoadPlan> plans,
      absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
      absl::Time deadline) override {
    return transactor_.Transact(std::move(turn), plans, decide, deadline);
  }

  absl::StatusOr<Snapshot> Read(const LoadPlan& plan) override {
    return RunRead<Snapshot>([&](Session& session) {
      Flight opening;
      opening.Add(kBeginRead);
      LoadedSets loaded =
          Load(session, std::move(opening), {&plan, 1}, {}, catalogs_);
      return Snapshot{
          std::make_unique<WorkingSet>(std::move(*loaded.sets.front())),
          loaded.now};
    });
  }

  absl::StatusOr<Page<Allocation>> ListAllocations(
      const AllocationFilter& filter) override {
    return ReadSnapshot<Page<Allocation>>([&](Session& session) {
      return reads::ListAllocations(session, filter);
    });
  }

  absl::StatusOr<Page<Reservation>> ListReservations(
      const ReservationFilter& filter) override {
    return ReadSnapshot<Page<Reservation>>([&](Session& session) {
      return reads::ListReservations(session, filter);
    });
  }

  absl::StatusOr<Page<LedgerEntry>> ListLedger(
      const LedgerFilter& filter) override {
    return ReadSnapshot<Page<LedgerEntry>>(
        [&](Session& session) { return reads::ListLedger(session, filter); });
  }

  absl::StatusOr<Page<DenialCount>> ListDenials(
      const DenialFilter& filter) override {
    return ReadSnapshot<Page<DenialCount>>(
        [&](Session& session) { return reads::ListDenials(session, filter); });
  }

  absl::StatusOr<PriceTable> ReadPrices(absl::string_view root,
                                        int64_t version) override {
    return ReadSnapshot<PriceTable>([&](Session& session) {
      return reads::ReadPrices(session, root, version);
    });
  }

  // Adding is not idempotent: counts whose commit is in doubt may be lost, but
  // are never added again.
  absl::Status AddDenials(absl::Span<const DenialCount> counts) override {
    bool in_doubt = false;
    return transactor_.Retry(
        [&](Session& session) {
          if (in_doubt) return;
          try {
            upkeep::AddDenials(session, counts);
          } catch (const CommitInDoubt&) {
            in_doubt = true;
            throw;
          }
        },
        options_.clock->Now() + kUpkeepTime);
  }

  absl::StatusOr<std::vector<std::string>> RootsDue(int max) override {
    return ReadSnapshot<std::vector<std::string>>(
        [&](Session& session) { return reads::RootsDue(session, max); });
  }

  absl::StatusOr<std::map<std::string, int64_t>> LastSequences(
      absl::Span<const std::string> roots) override {
    return ReadSnapshot<std::map<std::string, int64_t>>(
        [&](Session& session) { return reads::LastSequences(session, roots); });
  }

  absl::StatusOr<std::vector<std::string>> Roots(absl::string_view after,
                                                 int max) override {
    return ReadSnapshot<std::vector<std::string>>(
        [&](Session& session) { return reads::Roots(session, after, max); });
  }

  absl::StatusOr<OpenHolds> ReadOpenHolds() override {
    return ReadSnapshot<OpenHolds>(
        [](Session& session) { return reads::ReadOpenHolds(session); });
  }

  absl::StatusOr<absl::Duration> LongestDue() override {
    return ReadSnapshot<absl::Duration>(
        [](Session& session) { return reads::LongestDue(session); });
  }

  absl::StatusOr<int64_t> PurgeEnded(absl::Duration retention,
                                     int max) override {
    int64_t purged = 0;
    const absl::Status status = transactor_.Retry(
        [&](Session& session) {
          purged = upkeep::PurgeEnded(session, retention, max);
        },
        options_.clock->Now() + kUpkeepTime);
    if (!status.ok()) return status;
    return purged;
  }

  absl::StatusOr<SealProgress> SealLedgers(
      const std::string& after_root) override {
    SealProgress progress;
    const absl::Status status = transactor_.Retry(
        [&](Session& session) {
          progress = seals::SealLedgers(session, after_root, seals_seen_);
        },
        options_.clock->Now() + kUpkeepTime);
    if (!status.ok()) return status;
    return progress;
  }

  absl::StatusOr<SealedHead> ReadSealed(absl::string_view root) override {
    return Flat(ReadSnapshot<absl::StatusOr<SealedHead>>(
        [&](Session& session) { return seals::ReadSealed(session, root); }));
  }

  // What this replica has acknowledged, and sealed, is expected as well.
  absl::StatusOr<VerifyReport> Verify(absl::string_view root,
                                      KnownElsewhere elsewhere) override {
    for (const ExpectedEntry& entry : acknowledged_.Of(root)) {
      elsewhere.entries.push_back(entry);
    }
    if (const auto seen = seals_seen_.Of(root)) {
      elsewhere.checkpoints.push_back(seen->head);
    }
    return Flat(ReadSnapshot<absl::StatusOr<VerifyReport>>(
        [&](Session& session) {
          return reads::Verify(session, root, elsewhere);
        }));
  }

  absl::Status Ping() override {
    return RunRead<bool>([](Session& session) {
             Flight probe;
             probe.Add(kBeginRead);
             probe.Add(kSchemaProbe);
             const size_t recovery = probe.Add(kInRecovery);
             if (session.Fly(probe)[recovery].front().Bool()) {
               throw pqxx::broken_connection("the server is a standby");
             }
             return true;
           })
        .status();
  }

 private:
  // Runs `body` in a read-only transaction with one snapshot. It may be run
  // again from the start.
  template <typename T, typename Body>
  absl::StatusOr<T> ReadSnapshot(Body body) {
    return RunRead<T>([&](Session& session) {
      session.Run(kBeginRead);
      return body(session);
    });
  }

  // The same where `body` begins the transaction, with its first statements.
  template <typename T, typename Body>
  absl::StatusOr<T> RunRead(Body body) {
    Failure failure;
    for (int attempt = 0; attempt < kReadAttemptsMax; ++attempt) {
      try {
        Pool::Lease session = readers_.Acquire(options_.read_timeout);
        try {
          session->RefreshPlans(options_.clock->Now());
          T result = body(*session);
          session->Rollback();
          return result;
        } catch (...) {
          Recover(session);
          throw;
        }
      } catch (...) {
        failure = DescribeCurrentException();
      }
      options_.log(absl::StrCat("read failed: ", FailureName(failure.kind),
                                ": ", failure.detail));
      if (!IsTransient(failure.kind)) break;
    }
    return ToStatus(failure);
  }

  static void Recover(Pool::Lease& session) {
    if (DescribeCurrentException().kind == FailureKind::kConnectionLost) {
      session.Lose();
    }
    session->Rollback();
  }

  // It may be another server, which has taken over without the last changes.
  Pool::OnConnect OnConnect() {
    return [this](Session& session, int64_t epoch) {
      catalogs_.Clear();
      if (!acknowledged_.Check(session)) return;
      seals_seen_.Forget();
      epoch_.End(epoch);
    };
  }

  const PostgresOptions options_;
  CatalogCache catalogs_{kCatalogItemsMax};
  Epoch epoch_;
  Acknowledged acknowledged_;
  SealsSeen seals_seen_;
  Transactor transactor_;
  Pool readers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenPostgresStore(
    const PostgresOptions& options) {
  const absl::Status schema = CheckSchema(options.uri);
  if (!schema.ok()) return schema;
  return std::make_unique<PostgresStore>(Completed(options));
}

}  // namespace budget
