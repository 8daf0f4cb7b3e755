#ifndef BUDGET_RPC_CALL_H_
#define BUDGET_RPC_CALL_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/rpc/answer.h"
#include "server/rpc/backend.h"
#include "server/rpc/error.h"
#include "server/rpc/guard.h"
#include "server/rpc/methods.h"
#include "server/rpc/open_call.h"
#include "server/rpc/parse.h"
#include "server/rpc/read.h"
#include "server/rpc/read_pool.h"
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

// Who shares what there is not enough of: a principal; where nobody was asked,
// a network address, of which `peer` tells as gRPC does: "ipv4:127.0.0.1:3521".
CallerId CallerIdOf(const Pass& pass, absl::string_view peer);

// What a call's operations are submitted with.
Dispatcher::Terms TermsOf(const Call& call, const Pass& pass,
                          const Backend& backend);

// The refusal of a read or stream for which there is no room; `message` says
// what to do about it.
Refusal Overloaded(const Backend& backend, absl::string_view message);

// Whether reads of a method may take seconds.
ReadLength LengthOf(Method method);
// The refusal of a read where too many of its length are waiting.
Refusal TooManyReads(const Backend& backend, ReadLength length);

// Every unary call comes through Enter: it lets the caller in or not, by the
// table of rights, and decodes the request only then.
template <typename Request>
std::optional<Refusal> Enter(const Backend& backend, const Call& call,
                             Request& request, Pass& pass) {
  if (auto refusal = backend.guard.Admit(MethodOf<Request>::value, call.context,
                                         pass)) {
    return refusal;
  }
  const absl::Status decoded = Decode(call.request, request);
  if (!decoded.ok()) return RefusalOf(decoded);
  return std::nullopt;
}

// Parses a request in the name of its caller; FieldErrors are of the parser.
template <typename Request>
std::optional<Refusal> ParseFor(const Pass& pass, const Call& call,
                                const Request& request, Operation& out) {
  absl::StatusOr<Operation> parsed;
  if constexpr (requires { Parse(request, absl::string_view()); }) {
    parsed = Parse(request, ActorOf(pass, call.context));
  } else {
    parsed = Parse(request);
  }
  if (!parsed.ok()) return RefusalOf(parsed.status());
  out = *std::move(parsed);
  SetCaller(pass.writer(), out);
  return CheckScope(pass, request);
}

// Leaves out what the caller of `pass` is not to see.
void HideForeign(const Pass& pass, OperationResult& result);

// Runs one operation and answers, unless there is no room for operations of
// its `effect`.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Submit(const Backend& backend, const Call& call,
                                 Effect effect) {
  OpenCall open(backend, call.context, MethodOf<Request>::value);
  if (const auto refusal = backend.dispatcher.RefusalAtTheDoor(effect)) {
    return open.Refuse(*refusal);
  }
  OnArena<Request> request;
  Pass pass;
  std::optional<Refusal> refusal = Enter(backend, call, *request, pass);
  open.By(pass);
  std::vector<Operation> operations(1);
  if (!refusal) refusal = ParseFor(pass, call, *request, operations.front());
  if (refusal) return open.Refuse(*refusal);
  open.About(operations.front());
  grpc::ServerUnaryReactor* reactor = call.context.DefaultReactor();
  const Dispatcher::Terms terms = TermsOf(call, pass, backend);
  backend.dispatcher.Submit(
      std::move(operations), terms,
      [reactor, open, answer = &call.answer,
       pass = std::move(pass)](std::vector<OperationResult> results) mutable {
        OperationResult& result = results.front();
        HideForeign(pass, result);
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

// Runs `answer`, which blocks on the database, on the pool. It is given the
// pass, the request and the response, and returns why it could not answer.
template <typename Request, typename Response, typename AnswerFn>
grpc::ServerUnaryReactor* RunBlocking(const Backend& backend, const Call& call,
                                      AnswerFn answer) {
  OpenCall open(backend, call.context, MethodOf<Request>::value);
  Request request;
  Pass pass;
  std::optional<Refusal> refusal = Enter(backend, call, request, pass);
  open.By(pass);
  if (!refusal) refusal = CheckScope(pass, request);
  if (refusal) return open.Refuse(*refusal);
  grpc::ServerUnaryReactor* reactor = call.context.DefaultReactor();
  const ReadLength length = LengthOf(MethodOf<Request>::value);
  const CallerId caller = CallerIdOf(pass, call.context.peer());
  const bool accepted = backend.reads.Submit(
      length, caller,
      [&backend, reactor, open, out = &call.answer, answer = std::move(answer),
       request = std::move(request), pass = std::move(pass),
       deadline = DeadlineOf(call.context, backend)]() mutable {
        OnArena<Response> response;
        std::optional<Refusal> refusal;
        if (backend.clock.Now() >= deadline) {
          refusal = RefusalOf(absl::DeadlineExceededError(""));
        } else {
          refusal = answer(pass, request, *response);
        }
        if (refusal) {
          open.End(*refusal);
          reactor->Finish(ToGrpc(ErrorOf(*refusal, {})));
          return;
        }
        Encode(*response, *out);
        open.End();
        reactor->Finish(grpc::Status::OK);
      });
  if (accepted) return reactor;
  backend.meters.reads_shed.Add();
  return open.Refuse(TooManyReads(backend, length));
}

// The same for reads of the budgets.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* RunRead(const Backend& backend, const Call& call) {
  return RunBlocking<Request, Response>(
      backend, call,
      [&store = backend.store](const Pass& pass, const Request& request,
                               Response& response) {
        return Read(store, pass, request, response);
      });
}

}  // namespace budget

#endif  // BUDGET_RPC_CALL_H_
