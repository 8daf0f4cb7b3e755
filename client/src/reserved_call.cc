#include "budget/reserved_call.h"

#include <utility>

namespace budget {

absl::StatusOr<ReservedCall> ReservedCall::Reserve(Client client,
                                                   v1::ReserveRequest request,
                                                   const CallOptions& options) {
  auto answer = client.Reserve(std::move(request), options);
  if (!answer.ok()) return answer.status();
  return ReservedCall(std::move(client), *std::move(answer));
}

ReservedCall::ReservedCall(Client client, v1::ReserveResponse answer)
    : client_(std::move(client)), answer_(std::move(answer)) {}

ReservedCall::ReservedCall(ReservedCall&& other) noexcept
    : client_(std::move(other.client_)),
      answer_(std::move(other.answer_)),
      release_on_destruction_(
          std::exchange(other.release_on_destruction_, false)) {}

ReservedCall::~ReservedCall() {
  if (release_on_destruction_) (void)Release();
}

v1::SettleRequest ReservedCall::SettleFor(const v1::Amounts& actual) const {
  v1::SettleRequest request;
  request.set_reservation_id(id());
  request.set_root(answer_.reservation().root());
  *request.mutable_actual() = actual;
  return request;
}

absl::StatusOr<v1::SettleResponse> ReservedCall::SettleSoFar(
    const v1::Amounts& actual, const CallOptions& options) {
  MarkDispatched();
  v1::SettleRequest request = SettleFor(actual);
  request.set_final(false);
  return client_.Settle(request, options);
}

absl::StatusOr<v1::SettleResponse> ReservedCall::Settle(
    const v1::Amounts& actual, const CallOptions& options) {
  MarkDispatched();
  v1::SettleRequest request = SettleFor(actual);
  request.set_final(true);
  return client_.Settle(request, options);
}

absl::StatusOr<v1::ReleaseResponse> ReservedCall::Release(
    const CallOptions& options) {
  release_on_destruction_ = false;
  v1::ReleaseRequest request;
  request.set_reservation_id(id());
  request.set_root(answer_.reservation().root());
  return client_.Release(request, options);
}

}  // namespace budget
