#ifndef BUDGET_BASE_METER_H_
#define BUDGET_BASE_METER_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace budget {

// What a room counts of itself as it works: an addition without a lock and
// without an order. Each room keeps its own in a struct of meters; who shows
// them reads them now and then. Thread-safe; a reader sees each number whole,
// but several of them from slightly different moments.

// Only grows.
class EventCount {
 public:
  void Add(int64_t count = 1) {
    value_.fetch_add(count, std::memory_order_relaxed);
  }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// Rises and falls.
class Gauge {
 public:
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(int64_t change) {
    value_.fetch_add(change, std::memory_order_relaxed);
  }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// How often values fell between fixed bounds. Durations are in nanoseconds.
class Histogram {
 public:
  // Upper bounds, each inclusive; above the last one there is one more bucket.
  static constexpr size_t kBounds = 16;
  using Bounds = std::array<int64_t, kBounds>;

  // 0.25 ms to 10 s, as steady in their steps as round numbers allow.
  static constexpr Bounds kDurations = {
      250'000,       500'000,       1'000'000,     2'500'000,
      5'000'000,     10'000'000,    25'000'000,    50'000'000,
      100'000'000,   250'000'000,   500'000'000,   1'000'000'000,
      2'500'000'000, 5'000'000'000, 7'500'000'000, 10'000'000'000};
  // 1 to 32,768, doubling.
  static constexpr Bounds kSizes = {1,   2,    4,    8,    16,   32,
                                    64,  128,  256,  512,  1024, 2048,
                                    4096, 8192, 16384, 32768};

  // `bounds` is one of the above, or lives for ever.
  explicit Histogram(const Bounds& bounds = kDurations) : bounds_(&bounds) {}

  void Record(int64_t value, int64_t times = 1) {
    const auto at = std::lower_bound(bounds_->begin(), bounds_->end(), value);
    counts_[static_cast<size_t>(at - bounds_->begin())].fetch_add(
        times, std::memory_order_relaxed);
    sum_.fetch_add(value * times, std::memory_order_relaxed);
  }
  void Record(absl::Duration duration, int64_t times = 1) {
    Record(absl::ToInt64Nanoseconds(duration), times);
  }

  const Bounds& bounds() const { return *bounds_; }
  // Of the bucket up to bounds()[i]; kBounds: above all.
  int64_t count(size_t i) const {
    return counts_[i].load(std::memory_order_relaxed);
  }
  int64_t sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const Bounds* bounds_;
  std::array<std::atomic<int64_t>, kBounds + 1> counts_{};
  std::atomic<int64_t> sum_{0};
};

}  // namespace budget

#endif  // BUDGET_BASE_METER_H_
