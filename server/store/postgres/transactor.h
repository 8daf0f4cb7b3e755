#ifndef BUDGET_STORE_POSTGRES_TRANSACTOR_H_
#define BUDGET_STORE_POSTGRES_TRANSACTOR_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/store.h"
#include "server/store/postgres/acknowledged.h"
#include "server/store/postgres/catalog_cache.h"
#include "server/store/postgres/epoch.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/loader.h"
#include "server/store/postgres/pool.h"
#include "server/store/postgres/postgres_store.h"
#include "server/store/postgres/rivals.h"

namespace budget {

// Runs write transactions, again and again until one succeeds or the deadline
// passes. Thread-safe.
class Transactor {
 public:
  // `options.log` and `options.stats` must be given. `cache`, `epoch` and
  // `acknowledged` must outlive this; `on_connect` is as Pool's.
  Transactor(const PostgresOptions& options, CatalogCache& cache, Epoch& epoch,
             Acknowledged& acknowledged, Pool::OnConnect on_connect);

  using Decide = absl::FunctionRef<void(WorkingSets&, absl::Time now)>;

  // As Store::AwaitTurn.
  Turn AwaitTurn(int lane, absl::Time deadline);

  // As Store::Transact.
  absl::Status Transact(Turn turn, absl::Span<const LoadPlan> plans,
                        Decide decide, absl::Time deadline);

  // Runs `body`, which begins and commits a transaction of its own and may be
  // run twice to the same effect, in the same way.
  absl::Status Retry(absl::FunctionRef<void(Session&)> body,
                     absl::Time deadline);

 private:
  class HeldTurn;
  // One way through Transact.
  class Call;

  // What to do where a failure is transient.
  enum class AfterFailure { kRetry, kReturn };

  // Runs `attempt` until it returns without an exception; the first time on the
  // session of `held`, if any.
  absl::Status Loop(std::unique_ptr<HeldTurn> held,
                    absl::FunctionRef<void(Session&)> attempt,
                    absl::FunctionRef<AfterFailure(const Failure&)> on_failure,
                    absl::Time deadline);
  void Attempt(absl::FunctionRef<void(Session&)> attempt, absl::Time deadline);
  void RunOn(Pool::Lease& lease, absl::FunctionRef<void(Session&)> attempt);
  void Count(const Failure& failure);

  const PostgresOptions options_;
  CatalogCache& cache_;
  Acknowledged& acknowledged_;
  Pool pool_;
  Rivals rivals_;
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_TRANSACTOR_H_
