#ifndef BUDGET_TESTS_BENCH_PAIR_CALLER_H_
#define BUDGET_TESTS_BENCH_PAIR_CALLER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/bench/caller.h"
#include "tests/bench/workload.h"

namespace budget::bench {

// Callers that Reserve, Settle that reservation, and begin again, with unary
// calls. A Settle that fails is repeated. Seeds are `first_seed` and on.
std::vector<std::unique_ptr<Caller>> MakePairCallers(const Workload& workload,
                                                     int count,
                                                     uint64_t first_seed);

// One more of them.
std::unique_ptr<Caller> MakePairCaller(const PathPicker& picker,
                                       size_t path_length);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_PAIR_CALLER_H_
