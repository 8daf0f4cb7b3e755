#ifndef BUDGET_TESTS_BENCH_CALLER_H_
#define BUDGET_TESTS_BENCH_CALLER_H_

#include <optional>

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"
#include "tests/bench/load_result.h"
#include "tests/bench/pending_call.h"

namespace budget::bench {

// One logical caller: it sends a message, waits for the answer, sends the
// next. What a message points to stays until the next one is asked for. Used
// by one thread at a time.
class Caller {
 public:
  virtual ~Caller() = default;

  // The next message; nullopt: there is none any more.
  virtual std::optional<Message> Next() = 0;

  // What must still be sent so that nothing is left open; nullopt: nothing.
  virtual std::optional<Message> Finish() = 0;

  // Takes the answer to the last message and counts its operations. Whether
  // something in it was shed, so that the caller comes again only later.
  virtual bool Answered(const grpc::Status& status,
                        const grpc::ByteBuffer& answer, Counts& counts) = 0;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_CALLER_H_
