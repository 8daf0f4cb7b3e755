#ifndef BUDGET_TESTS_BENCH_HISTOGRAM_H_
#define BUDGET_TESTS_BENCH_HISTOGRAM_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace budget::bench {

// Durations in buckets that are 0.8 % wide at the most, whatever their size:
// any number of them in 64 KiB. Not thread-safe.
class Histogram {
 public:
  Histogram();

  // Negative durations count as zero.
  void Record(absl::Duration duration) {
    RecordNanos(absl::ToInt64Nanoseconds(duration));
  }
  void RecordNanos(int64_t nanos);
  void Add(const Histogram& other);

  int64_t count() const { return count_; }

  // The duration that `percent` (0 to 100) of all do not exceed, to the width
  // of a bucket; zero if there are none.
  absl::Duration Percentile(double percent) const;
  absl::Duration Max() const { return absl::Nanoseconds(max_); }

 private:
  std::vector<int64_t> buckets_;
  int64_t count_ = 0;
  int64_t max_ = 0;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_HISTOGRAM_H_
