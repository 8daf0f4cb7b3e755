#include "server/domain/denial_count.h"

#include <algorithm>
#include <utility>

namespace budget {

void Add(const DenialCount& count, DenialTotals& totals) {
  DenialKey key(count.allocation, count.limit,
                std::string(ReasonName(count.reason)), count.day);
  const auto [at, inserted] = totals.try_emplace(std::move(key), count);
  if (inserted) return;
  DenialCount& total = at->second;
  total.denials += count.denials;
  total.last_time = std::max(total.last_time, count.last_time);
  for (Unit unit : kUnits) {
    // Two amounts add without overflow.
    total.requested[unit] =
        std::min(kAmountMax, total.requested[unit] + count.requested[unit]);
  }
}

}  // namespace budget
