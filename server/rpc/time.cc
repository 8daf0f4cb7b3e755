#include "server/rpc/time.h"

#include <cstdint>

namespace budget {

void ToProto(absl::Time time, google::protobuf::Timestamp& out) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  const int64_t micros = absl::ToUnixMicros(time);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>((micros - seconds * 1'000'000) * 1000));
}

void ToProto(absl::Duration duration, google::protobuf::Duration& out) {
  // Rounded up, so that a caller who waits this long has waited enough.
  const absl::Duration rounded = absl::Ceil(duration, absl::Microseconds(1));
  absl::Duration rest;
  out.set_seconds(absl::IDivDuration(rounded, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

}  // namespace budget
