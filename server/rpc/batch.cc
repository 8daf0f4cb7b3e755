#include "server/rpc/batch.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "budget/v1/budget_service.pb.h"
#include "server/rpc/parse.h"

namespace budget {
namespace {

// A batch under way.
struct Run {
  OnArena<v1::BatchRequest> request;
  OnArena<v1::BatchResponse> response;
  std::vector<Operation> operations;  // the well-formed ones
  std::vector<int> places;            // of `operations` within the request
  Pass pass;
};

// Whether the caller may have one operation of a batch: its own row of the
// table of rights counts.
std::optional<Refusal> CheckPart(const Pass& pass,
                                 const v1::BatchOperation& operation) {
  switch (operation.operation_case()) {
    case v1::BatchOperation::kReserve:
      return CheckScope(pass.For(Method::kReserve), operation.reserve());
    case v1::BatchOperation::kRecordUsage:
      return CheckScope(pass.For(Method::kRecordUsage),
                        operation.record_usage());
    case v1::BatchOperation::kAdjustReservation:
      return CheckScope(pass.For(Method::kAdjustReservation),
                        operation.adjust_reservation());
    case v1::BatchOperation::kSettle:
      return CheckScope(pass.For(Method::kSettle), operation.settle());
    case v1::BatchOperation::kRelease:
      return CheckScope(pass.For(Method::kRelease), operation.release());
    case v1::BatchOperation::OPERATION_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

void ParseAll(Run& run) {
  for (int i = 0; i < run.request->operations_size(); ++i) {
    v1::BatchResult& result = *run.response->add_results();
    absl::StatusOr<Operation> operation = Parse(run.request->operations(i), i);
    if (!operation.ok()) {
      *result.mutable_error() = ErrorOf(RefusalOf(operation.status()), {});
      continue;
    }
    if (auto refusal = CheckPart(run.pass, run.request->operations(i))) {
      *result.mutable_error() = ErrorOf(*refusal, {});
      continue;
    }
    SetCaller(run.pass.writer(), *operation);
    run.operations.push_back(*std::move(operation));
    run.places.push_back(i);
  }
}

// "operations[3].settle.": how fields of that operation begin.
std::string FieldPrefix(const v1::BatchOperation& operation, int place) {
  const auto* field = v1::BatchOperation::descriptor()->FindFieldByNumber(
      operation.operation_case());
  return absl::StrCat("operations[", place, "].", field->name(), ".");
}

// The rules name a field as the operation alone would spell it.
void PlaceField(const v1::BatchOperation& operation, int place,
                OperationResult& result) {
  if (result.outcome.ok()) return;
  Refusal& refusal = *result.outcome.refusal;
  if (refusal.field.empty()) return;
  const std::string prefix = FieldPrefix(operation, place);
  if (absl::StartsWith(refusal.message, refusal.field)) {
    refusal.message = absl::StrCat(prefix, refusal.message);
  }
  refusal.field = absl::StrCat(prefix, refusal.field);
}

void Answer(Run& run, std::vector<OperationResult>& results) {
  for (size_t i = 0; i < results.size(); ++i) {
    const int place = run.places[i];
    const v1::BatchOperation& operation = run.request->operations(place);
    PlaceField(operation, place, results[i]);
    HideForeign(run.pass, results[i]);
    if (!run.request->include_limits()) results[i].outcome.limits.clear();
    Fill(results[i], operation, *run.response->mutable_results(place));
  }
}

}  // namespace

grpc::ServerUnaryReactor* RunBatch(const Backend& backend, const Call& call) {
  OpenCall open(backend, call.context, Method::kBatch);
  // Whether it holds is not known before it is parsed; then it is looked at
  // again.
  const auto refusal = backend.dispatcher.RefusalAtTheDoor(Effect::kOnlyFrees);
  if (refusal) return open.Refuse(*refusal);
  auto run = std::make_unique<Run>();
  const auto barred = Enter(backend, call, *run->request, run->pass);
  open.By(run->pass);
  if (barred) return open.Refuse(*barred);
  const absl::Status status = CheckBatch(*run->request);
  if (!status.ok()) return open.Refuse(RefusalOf(status));
  ParseAll(*run);
  grpc::ServerUnaryReactor* reactor = call.context.DefaultReactor();
  std::vector<Operation> operations = std::move(run->operations);
  const Dispatcher::Terms terms = TermsOf(call, run->pass, backend);
  auto done = [reactor, open, answer = &call.answer, run = std::move(run)](
                  std::vector<OperationResult> results) mutable {
    Answer(*run, results);
    Encode(*run->response, *answer);
    open.EndBatch(results);
    reactor->Finish(grpc::Status::OK);
  };
  if (operations.empty()) {
    done({});
  } else {
    backend.dispatcher.Submit(std::move(operations), terms, std::move(done));
  }
  return reactor;
}

}  // namespace budget
