#ifndef BUDGET_DOMAIN_AMOUNTS_H_
#define BUDGET_DOMAIN_AMOUNTS_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace budget {

// What a limit counts. The values index `Amounts` and are stored in the
// database: never renumber.
enum class Unit : int { kUsdNanos = 0, kTokens = 1, kRequests = 2 };

inline constexpr std::array<Unit, 3> kUnits = {Unit::kUsdNanos, Unit::kTokens,
                                               Unit::kRequests};

// The name of the field that carries the unit, "usd_nanos".
absl::string_view UnitName(Unit unit);

// The largest amount, cap or counter. Two of them add without overflow.
inline constexpr int64_t kAmountMax = int64_t{1} << 61;

// One amount per unit: 0 to kAmountMax, or -kAmountMax to kAmountMax where it
// is a change. Sums of two stay in range of int64; longer sums are checked.
struct Amounts {
  std::array<int64_t, 3> by_unit{};

  int64_t& operator[](Unit unit) { return by_unit[static_cast<int>(unit)]; }
  int64_t operator[](Unit unit) const {
    return by_unit[static_cast<int>(unit)];
  }

  bool IsZero() const { return *this == Amounts{}; }

  Amounts& operator+=(const Amounts& other);
  Amounts& operator-=(const Amounts& other);
  friend Amounts operator+(Amounts a, const Amounts& b) { return a += b; }
  friend Amounts operator-(Amounts a, const Amounts& b) { return a -= b; }
  friend bool operator==(const Amounts&, const Amounts&) = default;
};

// Amounts of which some units are not given. What that means is the caller's.
struct PartialAmounts {
  std::array<std::optional<int64_t>, 3> by_unit{};

  std::optional<int64_t>& operator[](Unit unit) {
    return by_unit[static_cast<int>(unit)];
  }
  const std::optional<int64_t>& operator[](Unit unit) const {
    return by_unit[static_cast<int>(unit)];
  }
  friend bool operator==(const PartialAmounts&,
                         const PartialAmounts&) = default;
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_AMOUNTS_H_
