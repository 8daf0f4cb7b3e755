#ifndef BUDGET_STORE_POSTGRES_FEW_H_
#define BUDGET_STORE_POSTGRES_FEW_H_

// The rows of arrays, to join a table by its key:
//   FROM BUDGET_FEW("$1::text[], $2::int[]", "$1") AS p(root, id)
//
// PostgreSQL takes arrays that it does not know for ten rows, and for these
// rather reads all of a table that is small: whoever has read the rows of
// another root is in conflict with who writes them. Of a LIMIT that it does not
// know it expects a tenth, one row, and looks that up. `first` is one of the
// arrays, all of which are of the same length.
#define BUDGET_FEW(arrays, first) \
  "(SELECT * FROM unnest(" arrays ") LIMIT cardinality(" first "))"

#endif  // BUDGET_STORE_POSTGRES_FEW_H_
