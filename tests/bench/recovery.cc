#include "tests/bench/recovery.h"

#include <algorithm>
#include <numeric>

namespace budget::bench {
namespace {

constexpr size_t kHalfSecond = 5;  // tenths

double Rate(absl::Span<const int64_t> tenths) {
  if (tenths.empty()) return 0;
  return static_cast<double>(
             std::accumulate(tenths.begin(), tenths.end(), int64_t{0})) *
         10 / static_cast<double>(tenths.size());
}

}  // namespace

Recovery FindRecovery(absl::Span<const int64_t> ok_by_tenth,
                      absl::Duration overload, double offered) {
  Recovery recovery;
  const size_t end = std::min<size_t>(overload / absl::Milliseconds(100),
                                      ok_by_tenth.size());
  const size_t begin = end > 20 ? 10 : 0;
  recovery.goodput = Rate(ok_by_tenth.subspan(begin, end - begin));
  for (size_t i = end; i + kHalfSecond <= ok_by_tenth.size(); ++i) {
    if (Rate(ok_by_tenth.subspan(i, kHalfSecond)) >= 0.9 * offered) {
      recovery.seconds = static_cast<double>(i - end) / 10;
      break;
    }
  }
  return recovery;
}

}  // namespace budget::bench
