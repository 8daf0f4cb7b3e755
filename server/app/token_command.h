#ifndef BUDGET_APP_TOKEN_COMMAND_H_
#define BUDGET_APP_TOKEN_COMMAND_H_

#include "absl/status/status.h"
#include "server/app/config.h"
#include "server/app/stop_signal.h"

namespace budget {

// Makes a token, with a grant for its principal, straight in the database, and
// prints it: who has the database has everything anyway, and before the first
// token nobody could ask for one.
absl::Status CreateToken(const Config& config, const TokenOrder& order,
                         StopSignal& stop);

}  // namespace budget

#endif  // BUDGET_APP_TOKEN_COMMAND_H_
