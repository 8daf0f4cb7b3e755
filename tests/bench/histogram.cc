#include "tests/bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace budget::bench {
namespace {

constexpr int kPrecisionBits = 7;  // 128 buckets for each power of two
constexpr int64_t kPerPower = int64_t{1} << kPrecisionBits;
constexpr int kPowers = 64 - kPrecisionBits;

// Below 2 * kPerPower each value has a bucket of its own; above, the leading
// bits choose it.
size_t BucketOf(int64_t nanos) {
  const int shift = std::max(
      0, static_cast<int>(std::bit_width(static_cast<uint64_t>(nanos))) -
             kPrecisionBits - 1);
  return shift * kPerPower + (nanos >> shift);
}

int64_t UpperEnd(size_t bucket) {
  if (bucket < 2 * kPerPower) return static_cast<int64_t>(bucket);
  const int64_t shift = static_cast<int64_t>(bucket) / kPerPower - 1;
  const int64_t leading = static_cast<int64_t>(bucket) - shift * kPerPower;
  return ((leading + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_((kPowers + 1) * kPerPower) {}

void Histogram::RecordNanos(int64_t nanos) {
  nanos = std::max<int64_t>(nanos, 0);
  ++buckets_[BucketOf(nanos)];
  ++count_;
  max_ = std::max(max_, nanos);
}

void Histogram::Add(const Histogram& other) {
  for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

absl::Duration Histogram::Percentile(double percent) const {
  const auto wanted = std::max<int64_t>(
      1, std::llround(std::ceil(percent / 100 * static_cast<double>(count_))));
  int64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return absl::Nanoseconds(std::min(UpperEnd(i), max_));
  }
  return absl::ZeroDuration();
}

}  // namespace budget::bench
