#ifndef BUDGET_TESTS_BENCH_BATCH_CALLER_H_
#define BUDGET_TESTS_BENCH_BATCH_CALLER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/bench/caller.h"
#include "tests/bench/workload.h"

namespace budget::bench {

struct BatchLoad {
  int operations = 256;  // in a message: half Reserve, half Settle
  int outstanding = 4;   // messages on their way at a time: one per caller
  uint64_t first_seed = 1;
  int messages_max = 0;  // of each caller; 0: no end
};

// Callers that send Batch messages: each settles what the same caller's
// messages before were granted, and reserves as much anew.
std::vector<std::unique_ptr<Caller>> MakeBatchCallers(const Workload& workload,
                                                      const BatchLoad& load);

// One more of them.
std::unique_ptr<Caller> MakeBatchCaller(const PathPicker& picker,
                                        size_t path_length,
                                        const BatchLoad& load);

// Counts the results in an encoded BatchResponse without decoding it whole:
// those that are no errors as ok, and errors by their code. Returns the codes
// in the order of the operations, 0 for OK.
std::vector<int> CountResults(const grpc::ByteBuffer& response, Counts& counts);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_BATCH_CALLER_H_
