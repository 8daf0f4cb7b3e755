#ifndef BUDGET_RESERVED_CALL_H_
#define BUDGET_RESERVED_CALL_H_

#include <string>

#include "absl/status/statusor.h"
#include "budget/client.h"

namespace budget {

// A hold around one model call, freed on every path that never dispatches.
// Destroyed before MarkDispatched, Settle or Release, it releases the hold
// (one attempt at it, errors ignored: the TTL is the safety net). Once
// dispatched it is never released by itself, because money may be owed: a
// guard destroyed between dispatch and Settle leaves the hold to its TTL and
// `on_expiry`. Not for two threads at once.
class ReservedCall {
 public:
  // As Client::Reserve. After UNAVAILABLE or DEADLINE_EXCEEDED the hold may
  // exist all the same: repeat under the same id, or let its TTL end it.
  static absl::StatusOr<ReservedCall> Reserve(Client client,
                                              v1::ReserveRequest request,
                                              const CallOptions& options = {});

  ReservedCall(ReservedCall&& other) noexcept;
  ReservedCall& operator=(ReservedCall&& other) = delete;
  ~ReservedCall();

  const std::string& id() const { return answer_.reservation().reservation_id(); }
  const v1::ReserveResponse& answer() const { return answer_; }

  // The request is about to leave: from here on usage may be owed.
  void MarkDispatched() { release_on_destruction_ = false; }

  // Reports usage so far, cumulative, and keeps the rest held.
  absl::StatusOr<v1::SettleResponse> SettleSoFar(
      const v1::Amounts& actual, const CallOptions& options = {});

  // Reports the usage of the whole call and ends the hold.
  absl::StatusOr<v1::SettleResponse> Settle(const v1::Amounts& actual,
                                            const CallOptions& options = {});

  // Ends the hold of a call that was not dispatched.
  absl::StatusOr<v1::ReleaseResponse> Release(const CallOptions& options = {});

 private:
  ReservedCall(Client client, v1::ReserveResponse answer);
  v1::SettleRequest SettleFor(const v1::Amounts& actual) const;

  Client client_;
  v1::ReserveResponse answer_;
  bool release_on_destruction_ = true;
};

}  // namespace budget

#endif  // BUDGET_RESERVED_CALL_H_
