#ifndef BUDGET_TESTS_CHAOS_MESSAGES_H_
#define BUDGET_TESTS_CHAOS_MESSAGES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "budget/client.h"
#include "tests/chaos/history.h"
#include "tests/chaos/intent.h"

namespace budget::chaos {

// The message that asks for what `intent` is.
v1::ReserveRequest ReserveOf(const Intent& intent);
v1::AdjustReservationRequest AdjustOf(const Intent& intent);
v1::SettleRequest SettleOf(const Intent& intent);
v1::ReleaseRequest ReleaseOf(const Intent& intent);
v1::RecordUsageRequest RecordUsageOf(const Intent& intent);
v1::SetLimitRequest SetLimitOf(const Intent& intent);
// The same within a Batch, which takes no kSetLimit.
v1::BatchOperation OperationOf(const Intent& intent);

// Writes down in `call` what an answer says.
void NoteAnswer(const v1::ReserveResponse& answer, Call& call);
void NoteAnswer(const v1::AdjustReservationResponse& answer, Call& call);
void NoteAnswer(const v1::SettleResponse& answer, Call& call);
void NoteAnswer(const v1::ReleaseResponse& answer, Call& call);
void NoteAnswer(const v1::RecordUsageResponse& answer, Call& call);
void NoteAnswer(const v1::SetLimitResponse& answer, Call& call);
// The same of one operation of a Batch; how that ended.
absl::Status NoteResult(const v1::BatchResult& result, Call& call);

int64_t MicrosOf(const google::protobuf::Timestamp& time);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_MESSAGES_H_
