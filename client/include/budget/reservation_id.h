#ifndef BUDGET_RESERVATION_ID_H_
#define BUDGET_RESERVATION_ID_H_

#include <string>

namespace budget {

// A new UUID of version 7 in canonical form, for reservation_id, usage_id and
// request_id. Ordered by the caller's clock, which decides nothing else; the
// rest is random. Make one per call to a model and keep it over every retry.
// Safe from any thread.
std::string NewReservationId();

}  // namespace budget

#endif  // BUDGET_RESERVATION_ID_H_
