#include "tests/chaos/messages.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "budget/denial.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

void SetAmounts(const Units& units, v1::Amounts& amounts) {
  amounts.set_usd_nanos(units[0]);
  amounts.set_tokens(units[1]);
  amounts.set_requests(units[2]);
}

Units UnitsOf(const v1::Amounts& amounts) {
  return {amounts.usd_nanos(), amounts.tokens(), amounts.requests()};
}

// What has become of the reservation.
void NoteState(const v1::Reservation& reservation, Call& call) {
  call.state = reservation.state();
  call.ended_micros = MicrosOf(reservation.end_time());
  call.spent = UnitsOf(reservation.spent());
  call.overage = UnitsOf(reservation.overage());
}

}  // namespace

int64_t MicrosOf(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
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

v1::AdjustReservationRequest AdjustOf(const Intent& intent) {
  v1::AdjustReservationRequest request;
  request.set_reservation_id(intent.id.ToString());
  request.set_root(RootName(intent.root));
  SetAmounts(intent.amounts, *request.mutable_held());
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

v1::RecordUsageRequest RecordUsageOf(const Intent& intent) {
  v1::RecordUsageRequest request;
  request.set_usage_id(intent.id.ToString());
  for (const std::string& path : AllocationsOf(intent.root, intent.target)) {
    request.add_allocations(path);
  }
  SetAmounts(intent.amounts, *request.mutable_actual());
  return request;
}

v1::SetLimitRequest SetLimitOf(const Intent& intent) {
  v1::SetLimitRequest request;
  request.set_path(PoolOf(intent.root));
  request.set_etag(intent.etag);
  request.set_request_id(intent.id.ToString());
  *request.mutable_limit() = PoolSlots(intent.cap);
  return request;
}

v1::BatchOperation OperationOf(const Intent& intent) {
  v1::BatchOperation operation;
  switch (intent.verb) {
    case Verb::kReserve:
      *operation.mutable_reserve() = ReserveOf(intent);
      break;
    case Verb::kAdjust:
      *operation.mutable_adjust_reservation() = AdjustOf(intent);
      break;
    case Verb::kSettle:
      *operation.mutable_settle() = SettleOf(intent);
      break;
    case Verb::kRelease:
      *operation.mutable_release() = ReleaseOf(intent);
      break;
    case Verb::kRecordUsage:
      *operation.mutable_record_usage() = RecordUsageOf(intent);
      break;
    case Verb::kSetLimit:
      break;
  }
  return operation;
}

void NoteAnswer(const v1::ReserveResponse& answer, Call& call) {
  call.replayed = answer.replayed();
  call.sequence = answer.ledger_sequence();
  const v1::Reservation& reservation = answer.reservation();
  call.granted = UnitsOf(reservation.granted());
  call.created_micros = MicrosOf(reservation.create_time());
  call.expires_micros = MicrosOf(reservation.expire_time());
}

void NoteAnswer(const v1::AdjustReservationResponse& answer, Call& call) {
  call.sequence = answer.ledger_sequence();
  call.granted = UnitsOf(answer.reservation().held());
}

void NoteAnswer(const v1::SettleResponse& answer, Call& call) {
  call.sequence = answer.ledger_sequence();
  NoteState(answer.reservation(), call);
}

void NoteAnswer(const v1::ReleaseResponse& answer, Call& call) {
  call.sequence = answer.ledger_sequence();
  NoteState(answer.reservation(), call);
}

void NoteAnswer(const v1::RecordUsageResponse& answer, Call& call) {
  call.replayed = answer.replayed();
  call.sequence = answer.ledger_sequence();
  call.created_micros = MicrosOf(answer.reservation().create_time());
  NoteState(answer.reservation(), call);
}

void NoteAnswer(const v1::SetLimitResponse&, Call&) {}

absl::Status NoteResult(const v1::BatchResult& result, Call& call) {
  if (result.has_error()) return StatusFrom(result.error());
  if (call.verb == Verb::kReserve && result.has_reserve()) {
    NoteAnswer(result.reserve(), call);
  } else if (call.verb == Verb::kAdjust && result.has_adjust_reservation()) {
    NoteAnswer(result.adjust_reservation(), call);
  } else if (call.verb == Verb::kSettle && result.has_settle()) {
    NoteAnswer(result.settle(), call);
  } else if (call.verb == Verb::kRelease && result.has_release()) {
    NoteAnswer(result.release(), call);
  } else if (call.verb == Verb::kRecordUsage && result.has_record_usage()) {
    NoteAnswer(result.record_usage(), call);
  } else {
    return absl::InternalError(
        absl::StrCat("a result of another kind: ", result.result_case()));
  }
  return absl::OkStatus();
}

}  // namespace budget::chaos
