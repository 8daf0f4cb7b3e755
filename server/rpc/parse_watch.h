#ifndef BUDGET_RPC_PARSE_WATCH_H_
#define BUDGET_RPC_PARSE_WATCH_H_

#include "absl/status/status.h"
#include "budget/v1/budget_service.pb.h"
#include "server/rpc/watch_stream.h"

namespace budget {

// What a stream is to show, and how often; the pass is left as it is. The
// status is a FieldError, after which `out` is unspecified. Pure; thread-safe.
absl::Status Parse(const v1::WatchRemainingRequest& request,
                   WatchStream::Subject& out);

}  // namespace budget

#endif  // BUDGET_RPC_PARSE_WATCH_H_
