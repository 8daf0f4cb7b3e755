#ifndef BUDGET_STORE_POSTGRES_MIGRATIONS_H_
#define BUDGET_STORE_POSTGRES_MIGRATIONS_H_

#include "absl/types/span.h"

namespace budget {

// One step of the schema, from sql/migrations.
struct Migration {
  int version;
  const char* name;
  bool breaking;  // binaries that do not know it must not run any more
  const char* sql;
};

// All steps this binary knows, in order from version 1. They are compiled in.
absl::Span<const Migration> Migrations();

// The query of sql/grants.sql, compiled in likewise.
const char* MissingGrants();

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_MIGRATIONS_H_
