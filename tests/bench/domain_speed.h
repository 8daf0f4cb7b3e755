#ifndef BUDGET_TESTS_BENCH_DOMAIN_SPEED_H_
#define BUDGET_TESTS_BENCH_DOMAIN_SPEED_H_

#include "absl/time/time.h"

namespace budget::bench {

struct DomainLoad {
  int depth = 1;             // levels of the chain
  int limits = 1;            // on each level, 1 to 3
  absl::Duration cpu_time;   // how long to run Decide
};

// Millions of operations per second of CPU time that the pure engine decides
// on one thread: batches of 512, half Settle of what the batch before
// reserved, half Reserve, on one allocation. Counted are the calls of Decide
// and the freeing of its outcomes; operations and working set are made before,
// and there is no I/O.
double MeasureDomain(const DomainLoad& load);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_DOMAIN_SPEED_H_
