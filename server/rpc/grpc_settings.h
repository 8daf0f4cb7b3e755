#ifndef BUDGET_RPC_GRPC_SETTINGS_H_
#define BUDGET_RPC_GRPC_SETTINGS_H_

#include "grpcpp/server_builder.h"
#include "server/rpc/server.h"

namespace budget {

// Bounds of messages, metadata, streams and handshakes; keepalive and the age of
// connections as `options` say; health service and reflection. For every server
// that is to behave as budgetd does. Thread-safe.
void ConfigureGrpc(const RpcOptions& options, grpc::ServerBuilder& builder);

}  // namespace budget

#endif  // BUDGET_RPC_GRPC_SETTINGS_H_
