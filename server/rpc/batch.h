#ifndef BUDGET_RPC_BATCH_H_
#define BUDGET_RPC_BATCH_H_

#include "server/rpc/backend.h"
#include "server/rpc/call.h"

namespace budget {

// Runs a Batch: what is malformed gets its own error, the rest is submitted
// together, and every operation has its result.
grpc::ServerUnaryReactor* RunBatch(const Backend& backend, const Call& call);

}  // namespace budget

#endif  // BUDGET_RPC_BATCH_H_
