#include "server/rpc/time.h"

#include <cstdint>

namespace budget {

google::protobuf::Timestamp ToProto(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  const int64_t seconds = absl::ToUnixSeconds(time);
  google::protobuf::Timestamp proto;
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>((micros - seconds * 1'000'000) * 1000));
  return proto;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  // Rounded up, so that a caller who waits this long has waited enough.
  const absl::Duration rounded = absl::Ceil(duration, absl::Microseconds(1));
  google::protobuf::Duration proto;
  absl::Duration rest;
  proto.set_seconds(absl::IDivDuration(rounded, absl::Seconds(1), &rest));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

}  // namespace budget
