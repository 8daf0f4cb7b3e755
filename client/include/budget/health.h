#ifndef BUDGET_HEALTH_H_
#define BUDGET_HEALTH_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "budget/security.h"

namespace budget {

// Waits until the health service at `endpoint` ("host:port") says SERVING for
// the whole server. DEADLINE_EXCEEDED, with what it said last, after `timeout`.
// Errors of ChannelOpener at once.
absl::Status WaitUntilServing(const std::string& endpoint,
                              absl::Duration timeout,
                              const Security& security = {});

}  // namespace budget

#endif  // BUDGET_HEALTH_H_
