#ifndef BUDGET_STORE_POSTGRES_WRITE_BATCH_H_
#define BUDGET_STORE_POSTGRES_WRITE_BATCH_H_

#include <cstdint>
#include <vector>

#include "server/store/postgres/columns.h"
#include "server/store/postgres/session.h"

namespace budget {

// Set-based writes that see the same snapshot and travel together: as one
// statement, the parts being its common table expressions. Not thread-safe.
class WriteBatch {
 public:
  // Adds a statement, which ends in RETURNING and whose parameters are
  // `columns`, one array each. Must write as many rows as `columns` has; does
  // nothing if that is none. `part` must outlive the batch.
  void Add(const Statement& part, Columns& columns);

  // Runs the parts in any order. Throws InvariantBroken if one wrote another
  // number of rows than it must.
  void Run(Session& session);

 private:
  struct Part {
    const Statement* statement;
    int64_t rows;
    size_t first_parameter;
  };

  std::vector<Part> parts_;
  Parameters parameters_;
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_WRITE_BATCH_H_
