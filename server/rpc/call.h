#ifndef BUDGET_RPC_CALL_H_
#define BUDGET_RPC_CALL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/rpc/answer.h"
#include "server/rpc/backend.h"
#include "server/rpc/error.h"
#include "server/rpc/methods.h"
#include "server/rpc/open_call.h"
#include "server/rpc/read.h"
#include "server/rpc/wire.h"

namespace budget {

// One unary call as gRPC hands it over. `answer` lives until the call ends.
struct Call {
  grpc::CallbackServerContext& context;
  const grpc::ByteBuffer& request;
  grpc::ByteBuffer& answer;
};

// When the work must be done, by the replica clock: the caller's deadline, but
// at most a minute off; the default where there is none.
absl::Time DeadlineOf(const grpc::CallbackServerContext& context,
                      const Backend& backend);

// What a call's operations are submitted with.
Dispatcher::Terms TermsOf(const Call& call, const Backend& backend);

// Who makes an administrative change: what the caller says in the metadata key
// "budget-actor", otherwise its network address.
std::string ActorOf(const grpc::CallbackServerContext& context);

// The refusal of a read or stream for which there is no room.
Refusal Overloaded(const Backend& backend);

// Decodes, parses, runs one operation and answers, unless there is no room for
// operations of its `effect`. `parse` makes an Operation of the request.
template <typename Request, typename Response, typename ParseFn>
grpc::ServerUnaryReactor* Submit(const Backend& backend, const Call& call,
                                 Effect effect, ParseFn parse) {
  OpenCall open(backend, call.context, MethodOf<Request>());
  if (const auto refusal = backend.dispatcher.RefusalAtTheDoor(effect)) {
    return open.Refuse(*refusal);
  }
  OnArena<Request> request;
  const absl::Status decoded = Decode(call.request, *request);
  if (!decoded.ok()) return open.Refuse(RefusalOf(decoded));
  absl::StatusOr<Operation> operation = parse(*request);
  if (!operation.ok()) return open.Refuse(RefusalOf(operation.status()));
  open.About(*operation);
  grpc::ServerUnaryReactor* reactor = call.context.DefaultReactor();
  std::vector<Operation> operations;
  operations.push_back(*std::move(operation));
  backend.dispatcher.Submit(
      std::move(operations), TermsOf(call, backend),
      [reactor, open,
       answer = &call.answer](std::vector<OperationResult> results) mutable {
        const OperationResult& result = results.front();
        if (!result.outcome.ok()) {
          open.End(result);
          reactor->Finish(ToGrpc(ErrorOf(result)));
          return;
        }
        OnArena<Response> response;
        Fill(result, *response);
        Encode(*response, *answer);
        open.End(result);
        reactor->Finish(grpc::Status::OK);
      });
  return reactor;
}

// Decodes and runs a read on the pool.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* RunRead(const Backend& backend, const Call& call) {
  OpenCall open(backend, call.context, MethodOf<Request>());
  Request request;
  const absl::Status decoded = Decode(call.request, request);
  if (!decoded.ok()) return open.Refuse(RefusalOf(decoded));
  grpc::ServerUnaryReactor* reactor = call.context.DefaultReactor();
  const bool accepted = backend.reads.Submit(
      [&backend, reactor, open, answer = &call.answer,
       request = std::move(request),
       deadline = DeadlineOf(call.context, backend)]() mutable {
        OnArena<Response> response;
        std::optional<Refusal> refusal;
        if (backend.clock.Now() >= deadline) {
          refusal = RefusalOf(absl::DeadlineExceededError(""));
        } else {
          refusal = Read(backend.store, request, *response);
        }
        if (refusal) {
          open.End(*refusal);
          reactor->Finish(ToGrpc(ErrorOf(*refusal, {})));
          return;
        }
        Encode(*response, *answer);
        open.End();
        reactor->Finish(grpc::Status::OK);
      });
  if (accepted) return reactor;
  backend.meters.reads_shed.Add();
  return open.Refuse(Overloaded(backend));
}

}  // namespace budget

#endif  // BUDGET_RPC_CALL_H_
