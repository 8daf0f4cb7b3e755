#ifndef BUDGET_STORE_POSTGRES_PIPELINE_H_
#define BUDGET_STORE_POSTGRES_PIPELINE_H_

#include "server/store/postgres/flight.h"
#include "server/store/postgres/pqxx_compat.h"
#include "server/store/postgres/result.h"

namespace budget {

// libpq's pipeline mode on a connection for the time that this lives: what is
// sent is answered in the same order after Sync. Calls throw
// pqxx::broken_connection where the connection is lost and pqxx::sql_error,
// with the SQLSTATE, where a statement failed. Not thread-safe.
class Pipeline {
 public:
  explicit Pipeline(PGconn* connection);
  // Takes in what was not asked for, so that the connection can be used.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void Prepare(const Statement& statement);
  void Execute(const Statement& prepared, const Parameters& parameters);
  void Sync();

  // The next result; `statement` is named in errors.
  Result Next(const Statement& statement);

 private:
  void Check(int sent);

  PGconn* const connection_;
  bool synced_ = false;  // and its answer has not been seen
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_PIPELINE_H_
