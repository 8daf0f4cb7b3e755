#include "tests/chaos/recording_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

int64_t MicrosOf(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

void SetAmounts(const Units& units, v1::Amounts& amounts) {
  amounts.set_usd_nanos(units[0]);
  amounts.set_tokens(units[1]);
  amounts.set_requests(units[2]);
}

v1::ReserveRequest ReserveOf(const Intent& intent) {
  v1::ReserveRequest request;
  request.set_reservation_id(intent.id.ToString());
  for (const std::string& path : AllocationsOf(intent.root, intent.target)) {
    request.add_allocations(path);
  }
  SetAmounts(intent.amounts, *request.mutable_amounts());
  request.mutable_ttl()->set_seconds(absl::ToInt64Seconds(intent.ttl));
  return request;
}

v1::SettleRequest SettleOf(const Intent& intent) {
  v1::SettleRequest request;
  request.set_reservation_id(intent.id.ToString());
  request.set_root(RootName(intent.root));
  SetAmounts(intent.amounts, *request.mutable_actual());
  request.set_final(intent.final);
  return request;
}

v1::ReleaseRequest ReleaseOf(const Intent& intent) {
  v1::ReleaseRequest request;
  request.set_reservation_id(intent.id.ToString());
  request.set_root(RootName(intent.root));
  return request;
}

void NoteHold(const v1::ReserveResponse& answer, Call& call) {
  call.replayed = answer.replayed();
  call.sequence = answer.ledger_sequence();
  const v1::Reservation& reservation = answer.reservation();
  call.granted = {reservation.granted().usd_nanos(),
                  reservation.granted().tokens(),
                  reservation.granted().requests()};
  call.created_micros = MicrosOf(reservation.create_time());
  call.expires_micros = MicrosOf(reservation.expire_time());
}

// Of an answer to Settle or Release.
template <typename Response>
void NoteState(const Response& answer, Call& call) {
  call.sequence = answer.ledger_sequence();
  const v1::Reservation& reservation = answer.reservation();
  const v1::Amounts& spent = reservation.spent();
  const v1::Amounts& overage = reservation.overage();
  call.state = reservation.state();
  call.ended_micros = MicrosOf(reservation.end_time());
  call.used = {spent.usd_nanos() + overage.usd_nanos(),
               spent.tokens() + overage.tokens(),
               spent.requests() + overage.requests()};
}

// The replica says that it did nothing.
bool WasRefused(const absl::Status& status) {
  const std::string reason = ErrorReasonOf(status).reason;
  return reason == "OVERLOADED" || reason == "DRAINING";
}

// Whether an attempt of the call that this thread makes went unanswered.
thread_local bool in_doubt = false;

Client MakeClient(const std::vector<std::string>& endpoints,
                  const Patience& patience) {
  ConnectionOptions options{.endpoints = endpoints};
  options.retry.attempts_max = patience.attempts_max;
  options.retry.on_retry = [](const absl::Status& failure) {
    in_doubt |= !WasRefused(failure);
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
  Call call{.verb = intent.verb,
            .root = intent.root,
            .id = intent.id,
            .called = NowNanos(),
            .target = intent.target,
            .final = intent.final,
            .asked = intent.amounts};
  in_doubt = false;
  Note(Send(intent, call), call);
  return call;
}

void RecordingClient::Note(const absl::Status& status, Call& call) {
  call.returned = NowNanos();
  call.answer = AnswerOf(status);
  if (!status.ok()) {
    call.reason = ErrorReasonOf(status).reason;
    if (call.answer == Answer::kFailed) {
      absl::StrAppend(&call.reason, " ", status.ToString());
    }
  }
  call.follows_doubt = in_doubt;
  history_.Add(call);
  if (call.answer == Answer::kDenied && in_doubt) {
    Call before = call;
    before.answer = Answer::kUnknown;
    before.reason.clear();
    history_.Add(std::move(before));
  }
}

absl::Status RecordingClient::Send(const Intent& intent, Call& call) {
  const CallOptions options{patience_.timeout};
  switch (intent.verb) {
    case Verb::kReserve: {
      const auto answer = client_.Reserve(ReserveOf(intent), options);
      if (answer.ok()) NoteHold(*answer, call);
      return answer.status();
    }
    case Verb::kSettle: {
      const auto answer = client_.Settle(SettleOf(intent), options);
      if (answer.ok()) NoteState(*answer, call);
      return answer.status();
    }
    case Verb::kRelease: {
      const auto answer = client_.Release(ReleaseOf(intent), options);
      if (answer.ok()) NoteState(*answer, call);
      return answer.status();
    }
    case Verb::kSetLimit:
      break;  // DoSetCap
  }
  return absl::InternalError("no such verb");
}

// An earlier attempt of a patient client may have succeeded unseen.
Answer RecordingClient::AnswerOf(const absl::Status& status) const {
  if (status.ok()) return Answer::kOk;
  if (DenialOf(status)) return Answer::kDenied;
  const std::string reason = ErrorReasonOf(status).reason;
  if (WasRefused(status) && patience_.attempts_max == 1) return Answer::kRefused;
  // What was changed by an earlier attempt is known by its request.
  if (reason == "ETAG_MISMATCH") return Answer::kRefused;
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
      absl::IsCancelled(status)) {
    return Answer::kUnknown;
  }
  return Answer::kFailed;
}

void RecordingClient::DoSetCap(int root, int cap) {
  v1::GetAllocationRequest get;
  get.set_path(PoolOf(root));
  const auto pool = client_.GetAllocation(get, {patience_.timeout});
  if (!pool.ok()) return;
  v1::SetLimitRequest set;
  set.set_path(PoolOf(root));
  set.set_etag(pool->allocation().etag());
  set.set_request_id(NewReservationId());
  *set.mutable_limit() = PoolSlots(cap);
  Call call{.verb = Verb::kSetLimit,
            .root = root,
            .id = *Uuid::Parse(set.request_id()),
            .called = NowNanos(),
            .cap = cap};
  Note(client_.SetLimit(set, {patience_.timeout}).status(), call);
}

absl::Status RecordingClient::DoRead(int root, const LimitIds& ids) {
  Read read{.root = root, .called = NowNanos()};
  v1::QueryRemainingRequest request;
  request.set_allocation(PoolOf(root));
  const auto answer =
      client_.QueryRemaining(request, {patience_.timeout});
  if (!answer.ok()) return answer.status();
  read.returned = NowNanos();
  read.sequence = answer->ledger_sequence();
  read.read_micros = MicrosOf(answer->read_time());
  for (const v1::LimitStatus& limit : answer->limits()) {
    const auto id =
        ids.find(absl::StrCat(limit.allocation(), " ", limit.limit()));
    if (id == ids.end()) continue;
    read.limits.push_back(
        {id->second, limit.spent(), limit.reserved(), limit.overage()});
  }
  history_.Add(std::move(read));
  return absl::OkStatus();
}

}  // namespace budget::chaos
