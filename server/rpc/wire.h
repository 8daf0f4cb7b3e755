#ifndef BUDGET_RPC_WIRE_H_
#define BUDGET_RPC_WIRE_H_

#include "absl/status/status.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"

namespace budget {

// A message on an arena of its own: its parts lie side by side, in one block as
// a rule, and go together.
template <typename Message>
class OnArena {
 public:
  OnArena()
      : arena_(first_block_, sizeof(first_block_)),
        message_(google::protobuf::Arena::CreateMessage<Message>(&arena_)) {}
  OnArena(const OnArena&) = delete;
  OnArena& operator=(const OnArena&) = delete;

  Message& operator*() { return *message_; }
  Message* operator->() { return message_; }

 private:
  alignas(8) char first_block_[4096];
  google::protobuf::Arena arena_;
  Message* const message_;
};

// Requests are decoded here and not by gRPC, which answers a string that is
// not UTF-8 with an error that names nothing. Thread-safe.

// OK, or a FieldError that names the field.
absl::Status Decode(const grpc::ByteBuffer& bytes,
                    google::protobuf::Message& request);

void Encode(const google::protobuf::Message& answer, grpc::ByteBuffer& bytes);

}  // namespace budget

#endif  // BUDGET_RPC_WIRE_H_
