#ifndef BUDGET_DOMAIN_PRICES_H_
#define BUDGET_DOMAIN_PRICES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/types/span.h"

namespace budget {

// Meter name to quantity, and meter name to USD nanos per million.
using Meters = std::map<std::string, int64_t>;

// A model call in meters.
struct ModelUsage {
  std::string model;
  Meters quantities;

  friend bool operator==(const ModelUsage&, const ModelUsage&) = default;
};

// The prices of one model in one version of a root's price table.
struct ModelPrice {
  std::string model;
  Meters usd_nanos_per_million;

  friend bool operator==(const ModelPrice&, const ModelPrice&) = default;
};

// The cost in USD nanos: quantities times prices, summed in 128 bits and
// rounded up once, kAmountMax at the most. nullopt where a meter has no price.
std::optional<int64_t> CostUsdNanos(const ModelPrice& price,
                                    const Meters& quantities);

// The detail of a ledger entry of a new table that says what is in it, so that
// the hash chain covers it: the SHA-256 of the table in hexadecimal digits.
inline constexpr char kPricesDigestDetail[] = "prices_sha256";
std::string DigestOfPrices(absl::Span<const ModelPrice> prices);

}  // namespace budget

#endif  // BUDGET_DOMAIN_PRICES_H_
