#include "server/domain/line.h"

#include <algorithm>

namespace budget {

int64_t Line::Affordable() const {
  return std::max<int64_t>(
      0, limit->Ceiling() - tally().Usage() - BlockingOverage());
}

int64_t Line::Headroom() const {
  if (!counts) return kAmountMax;
  return std::max<int64_t>(0, limit->Ceiling() - tally().Usage());
}

void Line::Read(std::vector<LimitReading>& readings) const {
  LimitReading& reading = readings.emplace_back(blank);
  reading.tally = tally();
  if (reading.cap) {
    reading.remaining = std::max<int64_t>(
        0, *reading.cap - tally().Usage() - BlockingOverage());
  }
  if (!limit->IsRolling()) return;
  for (const Bucket& bucket : counter().buckets) {
    if (bucket.spent == 0 && bucket.overage == 0) continue;
    reading.reset_time = BucketAgesOut(limit->spec.window, bucket.number);
    break;
  }
}

}  // namespace budget
