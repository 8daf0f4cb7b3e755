#include "server/domain/prices.h"

#include <algorithm>

#include "server/domain/amounts.h"

namespace budget {

std::optional<int64_t> CostUsdNanos(const ModelPrice& price,
                                    const Meters& quantities) {
  constexpr __int128 kMillion = 1'000'000;
  __int128 millionths = 0;  // at most 16 x 2^61 x 2^61: fits in 127 bits
  for (const auto& [meter, quantity] : quantities) {
    const auto found = price.usd_nanos_per_million.find(meter);
    if (found == price.usd_nanos_per_million.end()) return std::nullopt;
    millionths += static_cast<__int128>(quantity) * found->second;
  }
  const __int128 nanos = (millionths + kMillion - 1) / kMillion;
  return static_cast<int64_t>(std::min<__int128>(nanos, kAmountMax));
}

}  // namespace budget
