#include "tests/chaos/recording_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/chaos/messages.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

// The replica says that it did nothing.
bool WasRefused(const absl::Status& status) {
  const std::string reason = ErrorReasonOf(status).reason;
  return reason == "OVERLOADED" || reason == "DRAINING";
}

// What an earlier attempt of an administrator has changed is known by its
// request; an adjustment may have come before the end.
bool WasOvertaken(const absl::Status& status, Verb verb) {
  const std::string reason = ErrorReasonOf(status).reason;
  return (verb == Verb::kSetLimit && reason == "ETAG_MISMATCH") ||
         (verb == Verb::kAdjust && reason == "RESERVATION_ENDED");
}

// Whether the attempts of the call before its last one are unknown still. The
// etag that overtook an administrator stands in the way of all of them.
bool LeavesDoubt(const Call& call) {
  return FollowsDoubt(call) && IsNoOfTheBooks(call);
}

Call CallOf(const Intent& intent) {
  return {.verb = intent.verb,
          .root = intent.root,
          .id = intent.id,
          .called = NowNanos(),
          .target = intent.target,
          .final = intent.final,
          .asked = intent.amounts,
          .cap = intent.cap,
          .ttl_micros = absl::ToInt64Microseconds(intent.ttl)};
}

// A limit that has no id is none that there should be.
LimitReading ReadingOf(const v1::LimitStatus& limit,
                       const RecordingClient::LimitIds& ids) {
  const auto id =
      ids.find(absl::StrCat(limit.allocation(), " ", limit.limit()));
  const bool apart = limit.window().has_calendar();
  return {.limit = id == ids.end() ? 0 : id->second,
          .spent = limit.spent(),
          .reserved = limit.reserved(),
          .overage = limit.overage(),
          .window = apart ? limit.window_start().seconds() : 0};
}

template <typename Response>
absl::Status Noted(const absl::StatusOr<Response>& answer, Call& call) {
  if (answer.ok()) NoteAnswer(*answer, call);
  return answer.status();
}

// How many attempts of the call that this thread makes went unanswered.
thread_local int unanswered = 0;

Client MakeClient(const std::vector<std::string>& endpoints,
                  const Patience& patience) {
  ConnectionOptions options{.endpoints = endpoints};
  options.retry.attempts_max = patience.attempts_max;
  options.retry.on_retry = [](const absl::Status& failure) {
    unanswered += WasRefused(failure) ? 0 : 1;
  };
  return Client(*MakeConnection(std::move(options)));
}

}  // namespace

RecordingClient::RecordingClient(const std::vector<std::string>& endpoints,
                                 Patience patience, History& history)
    : patience_(patience),
      client_(MakeClient(endpoints, patience)),
      history_(history) {}

Call RecordingClient::Do(const Intent& intent) {
  Call call = CallOf(intent);
  unanswered = 0;
  const absl::Status status = Send(intent, call);
  Note(status, NowNanos(), call);
  return call;
}

std::vector<Call> RecordingClient::DoBatch(const std::vector<Intent>& intents) {
  const int64_t batch = history_.NewBatch();
  const Nanos called = NowNanos();
  v1::BatchRequest request;
  std::vector<Call> calls;
  for (const Intent& intent : intents) {
    *request.add_operations() = OperationOf(intent);
    Call& call = calls.emplace_back(CallOf(intent));
    call.called = called;
    call.batch = batch;
    call.place = request.operations_size() - 1;
  }
  unanswered = 0;
  const auto answer = client_.Batch(request, {patience_.timeout});
  const Nanos returned = NowNanos();
  for (Call& call : calls) {
    if (!answer.ok()) {
      Note(answer.status(), returned, call);
    } else if (call.place >= answer->results_size()) {
      Note(absl::InternalError("a batch has too few results"), returned, call);
    } else {
      Note(NoteResult(answer->results(call.place), call), returned, call);
    }
  }
  return calls;
}

void RecordingClient::Note(const absl::Status& status, Nanos returned,
                           Call& call) {
  call.returned = returned;
  call.answer = AnswerOf(status, call.verb);
  if (!status.ok()) {
    call.reason = ErrorReasonOf(status).reason;
    if (call.answer == Answer::kFailed) {
      absl::StrAppend(&call.reason, " ", status.ToString());
    }
  }
  call.attempts = unanswered + 1;
  history_.Add(call);
  if (!LeavesDoubt(call)) return;
  Call attempt = call;
  attempt.is_attempt = true;
  --attempt.attempts;
  attempt.answer = Answer::kUnknown;
  attempt.reason.clear();
  history_.Add(std::move(attempt));
}

absl::Status RecordingClient::Send(const Intent& intent, Call& call) {
  const CallOptions options{patience_.timeout};
  switch (intent.verb) {
    case Verb::kReserve:
      return Noted(client_.Reserve(ReserveOf(intent), options), call);
    case Verb::kAdjust:
      return Noted(client_.AdjustReservation(AdjustOf(intent), options), call);
    case Verb::kSettle:
      return Noted(client_.Settle(SettleOf(intent), options), call);
    case Verb::kRelease:
      return Noted(client_.Release(ReleaseOf(intent), options), call);
    case Verb::kRecordUsage:
      return Noted(client_.RecordUsage(RecordUsageOf(intent), options), call);
    case Verb::kSetLimit:
      return Noted(client_.SetLimit(SetLimitOf(intent), options), call);
  }
  return absl::InternalError("no such verb");
}

// An earlier attempt of a patient client may have succeeded unseen.
Answer RecordingClient::AnswerOf(const absl::Status& status, Verb verb) const {
  if (status.ok()) return Answer::kOk;
  if (DenialOf(status)) return Answer::kDenied;
  if (WasOvertaken(status, verb)) return Answer::kOvertaken;
  const bool tried_once = patience_.attempts_max == 1;
  if (tried_once && WasRefused(status)) return Answer::kRefused;
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
      absl::IsCancelled(status)) {
    return Answer::kUnknown;
  }
  return Answer::kFailed;
}

absl::StatusOr<Intent> RecordingClient::IntendCap(int root, int64_t cap) {
  v1::GetAllocationRequest get;
  get.set_path(PoolOf(root));
  const auto pool = client_.GetAllocation(get, {patience_.timeout});
  if (!pool.ok()) return pool.status();
  return Intent{.verb = Verb::kSetLimit,
                .root = root,
                .id = *Uuid::Parse(NewReservationId()),
                .cap = cap,
                .etag = pool->allocation().etag()};
}

absl::Status RecordingClient::DoRead(int root, int target,
                                     const LimitIds& ids) {
  Read read{.root = root, .target = target, .called = NowNanos()};
  v1::QueryRemainingRequest request;
  request.set_allocation(AllocationsOf(root, target).front());
  const auto answer =
      client_.QueryRemaining(request, {patience_.timeout});
  if (!answer.ok()) return answer.status();
  read.returned = NowNanos();
  read.sequence = answer->ledger_sequence();
  read.read_micros = MicrosOf(answer->read_time());
  for (const v1::LimitStatus& limit : answer->limits()) {
    read.limits.push_back(ReadingOf(limit, ids));
  }
  history_.Add(std::move(read));
  return absl::OkStatus();
}

}  // namespace budget::chaos
