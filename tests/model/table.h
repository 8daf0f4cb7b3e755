#ifndef BUDGET_TESTS_MODEL_TABLE_H_
#define BUDGET_TESTS_MODEL_TABLE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace budget {

// Runs a test in table language against the engine and returns what went
// otherwise than expected, a line for each; empty if all went well. After
// every line the ledger is folded and compared with every counter.
//
// One event and its expected outcome a line, "#" begins a comment:
//
//   at 10:00 create acme
//   limit acme.month usd month/Europe/Berlin cap=100 warn=50,90
//   at 10:01 reserve r1 acme/a+acme/b usd=70 ttl=60s min.usd=20 -> ok
//       held.usd=70 crossed=acme.month@50      (on the same line)
//   reserve r2 acme usd=40 -> BUDGET_HELD acme.month affordable=30 retry=1s
//   after 1s settle r1 usd=60 tokens=5 -> ok state=settled spent.usd=60
//   check acme.month spent=60 reserved=0 overage=0 remaining=40
//
// Times: "at HH:MM[:SS[.f]]" (UTC, 15 June 2026), "at RFC3339", "after 5m".
// Events, with "-> ok" where nothing is said:
//   create PATH              limit PATH.NAME UNIT WINDOW cap=N|none warn=..
//   policy PATH on_expiry=release|settle_held overage=block|report
//          unpriced=deny|allow|fixed:N held=final|retry
//   remove PATH.NAME         freeze PATH, unfreeze PATH, archive PATH
//   balance PATH[.NAME] usd=N            transfer PATH.NAME PATH.NAME usd=N
//   prices MODEL METER=N                 sweep ROOT
//   reserve|try|record ID PATHS [amounts] [ttl=] [min.UNIT=] [unknown=true]
//          [usage=MODEL:METER=N,..] [on_expiry=] [tag=TEXT]
//   settle|report|release|adjust ID [amounts] [ttl=] [unknown=] [usage=]
// Windows: lifetime, PERIOD/ZONE, rolling/DURATION. Administrative events take
// version=N and request=NAME; otherwise they are based on what is there.
std::string RunTable(absl::string_view text);

}  // namespace budget

#endif  // BUDGET_TESTS_MODEL_TABLE_H_
