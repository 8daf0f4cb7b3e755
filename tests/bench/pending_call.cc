#include "tests/bench/pending_call.h"

#include <chrono>

namespace budget::bench {

void PendingCall::Send(grpc::GenericStub& stub, const Message& message,
                       absl::Duration timeout, grpc::CompletionQueue& queue) {
  context_.emplace();
  context_->set_deadline(std::chrono::system_clock::now() +
                         absl::ToChronoMicroseconds(timeout));
  const grpc::Slice slice(*message.bytes);
  const grpc::ByteBuffer request(&slice, 1);
  answer_.Clear();
  reader_ =
      stub.PrepareUnaryCall(&*context_, *message.method, request, &queue);
  reader_->StartCall();
  reader_->Finish(&answer_, &status_, this);
}

void PendingCall::Drain(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<PendingCall*>(tag)->OnAnswer();
}

}  // namespace budget::bench
