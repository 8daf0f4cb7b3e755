#include "server/domain/reservation.h"

namespace budget {

std::string FirstDifference(const ReservePayload& a, const ReservePayload& b) {
  if (a.origin != b.origin) return "reservation_id";
  if (a.allocations != b.allocations) return "allocations";
  for (Unit unit : kUnits) {
    if (a.amounts[unit] == b.amounts[unit]) continue;
    return std::string(a.origin == ReservationOrigin::kReserve ? "amounts."
                                                               : "actual.") +
           std::string(UnitName(unit));
  }
  if (a.minimum != b.minimum) return "minimum";
  if (a.ttl != b.ttl) return "ttl";
  if (a.tags != b.tags) return "tags";
  if (a.on_expiry != b.on_expiry) return "on_expiry";
  if (a.usd_unknown != b.usd_unknown) return "usd_unknown";
  if (a.usage != b.usage) return "usage";
  return "";
}

}  // namespace budget
