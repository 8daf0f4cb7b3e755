#ifndef BUDGET_RPC_TRACE_H_
#define BUDGET_RPC_TRACE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"

namespace budget {

// How one call is found again in the logs of others. Thread-safe.

inline constexpr char kRequestIdKey[] = "x-request-id";
inline constexpr char kTraceParentKey[] = "traceparent";

// The W3C trace context of a call.
struct TraceContext {
  std::string trace_id;   // 32 hex digits
  std::string parent_id;  // 16 hex digits
};

// Reads a traceparent header of any version; nullopt for what is none.
std::optional<TraceContext> ParseTraceParent(absl::string_view header);
std::optional<TraceContext> TraceOf(
    const grpc::CallbackServerContext& context);

// The id that the caller gave the request, if it is one that may be logged: 1
// to 128 letters, digits and "-_.:/+=@".
std::optional<std::string> RequestIdOf(
    const grpc::CallbackServerContext& context);

// An id that no other request has.
std::string NewRequestId();

}  // namespace budget

#endif  // BUDGET_RPC_TRACE_H_
