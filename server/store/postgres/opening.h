#ifndef BUDGET_STORE_POSTGRES_OPENING_H_
#define BUDGET_STORE_POSTGRES_OPENING_H_

#include "absl/time/time.h"
#include "server/store/postgres/flight.h"

namespace budget {

// The first statements of a transaction that writes.
Flight BeginWriting();

// The same of one that keeps all other writers out of `lane`: it waits for them
// for about as long as `patience`, and no longer than Session::kLockTimeout.
Flight BeginWritingIn(int lane, absl::Duration patience);

// Lets the transaction that `opening` begins stand still for half a minute
// between its flights, instead of for as long as the session allows.
void AllowLongPauses(Flight& opening);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_OPENING_H_
