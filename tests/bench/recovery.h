#ifndef BUDGET_TESTS_BENCH_RECOVERY_H_
#define BUDGET_TESTS_BENCH_RECOVERY_H_

#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/span.h"

namespace budget::bench {

// How a server bore an overload and what came after it.
struct Recovery {
  double goodput = 0;   // operations/s answered OK during the overload, its
                        // first second left out where it is longer than two
  double seconds = -1;  // from its end until the rate offered then is served;
                        // negative: it never was
};

// `ok_by_tenth` counts the operations answered OK in each tenth of a second
// since the overload began; `offered` is the rate after it. Served means that
// half a second brings at least nine tenths of that.
Recovery FindRecovery(absl::Span<const int64_t> ok_by_tenth,
                      absl::Duration overload, double offered);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_RECOVERY_H_
