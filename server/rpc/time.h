#ifndef BUDGET_RPC_TIME_H_
#define BUDGET_RPC_TIME_H_

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace budget {

// Times and durations in the form of the contract, to the microsecond, which
// is what the database keeps. Pure.
void ToProto(absl::Time time, google::protobuf::Timestamp& out);
void ToProto(absl::Duration duration, google::protobuf::Duration& out);
absl::Time FromProto(const google::protobuf::Timestamp& time);

}  // namespace budget

#endif  // BUDGET_RPC_TIME_H_
