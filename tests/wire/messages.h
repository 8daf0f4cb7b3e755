#ifndef BUDGET_TESTS_WIRE_MESSAGES_H_
#define BUDGET_TESTS_WIRE_MESSAGES_H_

#include "absl/strings/string_view.h"

namespace budget::wire {

// What the proxy needs to know of PostgreSQL's wire protocol, version 3.

// The first message of a connection has no type.
enum class Framing { kStartup, kTyped };

// The whole message that `bytes` begin with, its head included; empty where
// more is to come. Where the length cannot be, the head is all of it.
absl::string_view FirstMessage(absl::string_view bytes, Framing framing);

// Of a client: whether it binds the prepared statement `name`.
bool BindsStatement(absl::string_view message, absl::string_view name);
// Of a client: whether it is the end of a flight.
bool IsSync(absl::string_view message);
// Of a server: whether it says that a COMMIT was done.
bool SaysCommitted(absl::string_view message);

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_MESSAGES_H_
