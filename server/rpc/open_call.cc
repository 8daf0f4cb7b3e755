#include "server/rpc/open_call.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "server/lane/meters.h"
#include "server/rpc/error.h"
#include "server/rpc/trace.h"

namespace budget {
namespace {

// Of a batch, whose results may be very many.
constexpr size_t kDecisionsMax = 20;

struct ReservationId {
  std::optional<Uuid> operator()(const Reserve& op) const { return op.id; }
  std::optional<Uuid> operator()(const AdjustReservation& op) const {
    return op.id;
  }
  std::optional<Uuid> operator()(const Settle& op) const { return op.id; }
  std::optional<Uuid> operator()(const Release& op) const { return op.id; }
  std::optional<Uuid> operator()(const RecordUsage& op) const { return op.id; }
  template <typename Other>
  std::optional<Uuid> operator()(const Other&) const {
    return std::nullopt;
  }
};

CallEnd EndFor(const Refusal& refusal) {
  return {.code = CodeOf(refusal.reason),
          .reason = ReasonName(refusal.reason),
          .denied = IsDenial(refusal.reason)};
}

bool IsTrouble(const OperationResult& result) {
  return !result.outcome.ok() && !IsDenial(result.outcome.refusal->reason);
}

}  // namespace

OpenCall::OpenCall(const Backend& backend,
                   grpc::CallbackServerContext& context, Method method)
    : backend_(&backend),
      context_(&context),
      method_(method),
      started_(backend.clock.Now()) {
  backend_->meters.Of(method_).started.Add();
}

void OpenCall::By(const Pass& pass) { caller_ = pass.caller().identity; }

void OpenCall::About(const Operation& operation) {
  about_ = std::visit(ReservationId(), operation);
}

void OpenCall::End() {
  Finish({}, [](CallReport&) {});
}

void OpenCall::End(absl::StatusCode code) {
  Finish({.code = code}, [](CallReport&) {});
}

void OpenCall::End(const Refusal& refusal) {
  Finish(EndFor(refusal), [](CallReport&) {});
}

void OpenCall::End(const OperationResult& result) {
  CallEnd end;
  if (!result.outcome.ok()) end = EndFor(*result.outcome.refusal);
  Finish(end, [&](CallReport& report) {
    report.decisions.push_back(DecisionOf(result));
  });
}

void OpenCall::EndBatch(absl::Span<const OperationResult> results) {
  const bool trouble =
      std::any_of(results.begin(), results.end(), IsTrouble);
  Finish({.failed_inside = trouble}, [&](CallReport& report) {
    report.operations = static_cast<int64_t>(results.size());
    for (const OperationResult& result : results) {
      if (result.outcome.ok()) continue;
      if (report.decisions.size() == kDecisionsMax) break;
      report.decisions.push_back(DecisionOf(result));
    }
  });
}

grpc::ServerUnaryReactor* OpenCall::Refuse(const Refusal& refusal) {
  grpc::ServerUnaryReactor* reactor = context_->DefaultReactor();
  End(refusal);
  reactor->Finish(ToGrpc(ErrorOf(refusal, {})));
  return reactor;
}

void OpenCall::Finish(CallEnd end, Describe describe) {
  MethodMeters& meters = backend_->meters.Of(method_);
  end.service = meters.service;
  end.method = meters.name;
  end.streams = meters.streams;
  end.took = backend_->clock.Now() - started_;
  meters.handled[static_cast<size_t>(end.code)].Add();
  meters.seconds.Record(end.took);
  if (backend_->log == nullptr || !backend_->log->Wants(end)) return;
  CallReport report = ReportOf(end);
  describe(report);
  backend_->log->Log(report);
}

// Who gets an answer that is in the log gets the id to find it by.
CallReport OpenCall::ReportOf(const CallEnd& end) {
  CallReport report{.end = end};
  if (auto given = RequestIdOf(*context_)) {
    report.request_id = *std::move(given);
  } else {
    report.request_id = NewRequestId();
    context_->AddTrailingMetadata(kRequestIdKey, report.request_id);
  }
  if (caller_ != nullptr) report.principal = caller_->principal();
  if (auto trace = TraceOf(*context_)) {
    report.trace_id = std::move(trace->trace_id);
    report.parent_id = std::move(trace->parent_id);
  }
  return report;
}

LoggedDecision OpenCall::DecisionOf(const OperationResult& result) const {
  const Outcome& outcome = result.outcome;
  LoggedDecision decision{.sequence = outcome.decided_at};
  if (result.set != nullptr) decision.root = result.set->root.name;
  if (about_) {
    decision.reservation = about_->ToString();
  } else if (outcome.reservation) {
    decision.reservation = outcome.reservation->id().ToString();
  }
  if (!outcome.ok()) {
    decision.reason = ReasonName(outcome.refusal->reason);
    decision.denied = IsDenial(outcome.refusal->reason);
  }
  return decision;
}

}  // namespace budget
