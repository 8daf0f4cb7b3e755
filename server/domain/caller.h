#ifndef BUDGET_DOMAIN_CALLER_H_
#define BUDGET_DOMAIN_CALLER_H_

#include <memory>
#include <string>
#include <vector>

#include "server/domain/reservation.h"

namespace budget {

// Who asks for something, as far as the rules on reservations care. Subtrees
// are paths or kEverything.
struct Caller {
  std::string principal;  // its name; never empty
  // Where it may touch the reservations that it made, and those that nobody
  // is known to have made.
  std::vector<std::string> own_in;
  // Where it may touch all reservations.
  std::vector<std::string> all_in;
};

// Null: nobody was asked who they are, and everything may be touched.
using CallerRef = std::shared_ptr<const Caller>;

// The name of the caller; empty where nobody was asked.
const std::string& PrincipalOf(const CallerRef& caller);

// Whether the caller may touch a reservation of `owner` on these allocations:
// a reservation that also concerns an allocation elsewhere is not within its
// reach. What may not be touched must look as if it did not exist. Pure.
bool MayTouch(const CallerRef& caller, const Reservation& reservation);

}  // namespace budget

#endif  // BUDGET_DOMAIN_CALLER_H_
