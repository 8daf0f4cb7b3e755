#ifndef BUDGET_RPC_WIRE_H_
#define BUDGET_RPC_WIRE_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"

namespace budget {

// Requests are decoded here and not by gRPC, which answers a string that is
// not UTF-8 with an error that names nothing. Thread-safe.

// OK, or a FieldError that names the field.
absl::Status Decode(const grpc::ByteBuffer& bytes,
                    google::protobuf::Message& request);

void Encode(const google::protobuf::Message& answer, grpc::ByteBuffer& bytes);

}  // namespace budget

#endif  // BUDGET_RPC_WIRE_H_
