#include "server/domain/amounts.h"

namespace budget {

absl::string_view UnitName(Unit unit) {
  switch (unit) {
    case Unit::kUsdNanos:
      return "usd_nanos";
    case Unit::kTokens:
      return "tokens";
    case Unit::kRequests:
      return "requests";
  }
  return "unknown";
}

Amounts& Amounts::operator+=(const Amounts& other) {
  for (Unit unit : kUnits) (*this)[unit] += other[unit];
  return *this;
}

Amounts& Amounts::operator-=(const Amounts& other) {
  for (Unit unit : kUnits) (*this)[unit] -= other[unit];
  return *this;
}

}  // namespace budget
