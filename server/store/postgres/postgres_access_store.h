#ifndef BUDGET_STORE_POSTGRES_POSTGRES_ACCESS_STORE_H_
#define BUDGET_STORE_POSTGRES_POSTGRES_ACCESS_STORE_H_

#include <memory>

#include "server/access/access_store.h"
#include "server/store/postgres/postgres_store.h"

namespace budget {

// Grants and tokens on PostgreSQL. Of the options it takes the address, the log
// and the clock; it has connections of its own, so that a flood of reads keeps
// nobody from being revoked. The schema must be at head.
std::unique_ptr<AccessStore> OpenPostgresAccessStore(PostgresOptions options);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_POSTGRES_ACCESS_STORE_H_
