#include "server/domain/prices.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/sha256.h"
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

// By model, whatever the order they were given in; texts with their lengths, so
// that no two tables read the same.
std::string DigestOfPrices(absl::Span<const ModelPrice> prices) {
  std::map<absl::string_view, const Meters*> table;
  for (const ModelPrice& price : prices) {
    table[price.model] = &price.usd_nanos_per_million;
  }
  std::string text = absl::StrCat("budget.prices.1 ", table.size(), "\n");
  for (const auto& [model, meters] : table) {
    absl::StrAppend(&text, model.size(), ":", model, " ", meters->size(), "\n");
    for (const auto& [meter, nanos] : *meters) {
      absl::StrAppend(&text, meter.size(), ":", meter, "=", nanos, "\n");
    }
  }
  return absl::BytesToHexString(BytesOf(Sha256(text)));
}

}  // namespace budget
