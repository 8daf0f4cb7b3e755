#include "server/lane/retry_spread.h"

#include <algorithm>

namespace budget {
namespace {

constexpr absl::Duration kWaitMin = absl::Milliseconds(100);
constexpr absl::Duration kWaitMax = absl::Seconds(10);
// Multiples of the golden ratio, modulo one, are as even as any sequence can
// be, however many are drawn: no chance needed.
constexpr uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;
constexpr int64_t kSteps = 1024;

}  // namespace

absl::Duration RetrySpread::After(absl::Duration wait) {
  const absl::Duration around = std::clamp(wait, kWaitMin, kWaitMax);
  const uint64_t turn =
      refused_.fetch_add(1, std::memory_order_relaxed) * kGoldenRatio;
  const auto step = static_cast<int64_t>(turn >> 54);  // 0 to kSteps - 1
  return around / 2 + around * step / kSteps;
}

}  // namespace budget
