#ifndef BUDGET_RPC_OPEN_CALL_H_
#define BUDGET_RPC_OPEN_CALL_H_

#include <memory>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "server/access/rights.h"
#include "server/base/uuid.h"
#include "server/domain/outcome.h"
#include "server/lane/dispatcher.h"
#include "server/rpc/backend.h"
#include "server/rpc/call_log.h"
#include "server/rpc/guard.h"

namespace budget {

// A call from its start to its end: counted, timed, and logged where the log
// wants it. Say End right before the call is finished, once. Copies stand for
// the same call; none may outlive it. Not thread-safe.
class OpenCall {
 public:
  // Counts the start.
  OpenCall(const Backend& backend, grpc::CallbackServerContext& context,
           Method method);

  // Who calls, and what the call is about, for the log.
  void By(const Pass& pass);
  void About(const Operation& operation);

  void End();  // OK
  void End(const Refusal& refusal);
  void End(const OperationResult& result);
  void EndBatch(absl::Span<const OperationResult> results);
  // Of a stream: for a reason that has no name.
  void End(absl::StatusCode code);

  // Ends and finishes a unary call with an error.
  grpc::ServerUnaryReactor* Refuse(const Refusal& refusal);

 private:
  using Describe = absl::FunctionRef<void(CallReport& report)>;

  void Finish(CallEnd end, Describe describe);
  CallReport ReportOf(const CallEnd& end);
  LoggedDecision DecisionOf(const OperationResult& result) const;

  const Backend* backend_;
  grpc::CallbackServerContext* context_;
  Method method_;
  absl::Time started_;
  std::shared_ptr<const Identity> caller_;  // null: nobody was asked
  std::optional<Uuid> about_;
};

}  // namespace budget

#endif  // BUDGET_RPC_OPEN_CALL_H_
