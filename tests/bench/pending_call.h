#ifndef BUDGET_TESTS_BENCH_PENDING_CALL_H_
#define BUDGET_TESTS_BENCH_PENDING_CALL_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"

namespace budget::bench {

// What is sent: a method and the encoded request.
struct Message {
  const std::string* method;
  const std::string* bytes;
};

// One unary call of bytes at a time, whose end is told by a completion queue.
// Neither encodes nor decodes, so that the load generator costs little.
class PendingCall {
 public:
  virtual ~PendingCall() = default;

  // Sends `message`. Not before the last call has been answered.
  void Send(grpc::GenericStub& stub, const Message& message,
            absl::Duration timeout, grpc::CompletionQueue& queue);

  // Hands over answers until the queue is shut down and empty.
  static void Drain(grpc::CompletionQueue& queue);

 protected:
  // Called once the call has ended, on the thread that drains the queue.
  virtual void OnAnswer() = 0;

  const grpc::Status& status() const { return status_; }
  const grpc::ByteBuffer& answer() const { return answer_; }

 private:
  std::optional<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader_;
  grpc::ByteBuffer answer_;
  grpc::Status status_;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_PENDING_CALL_H_
