#ifndef BUDGET_APP_SERVE_H_
#define BUDGET_APP_SERVE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/app/config.h"
#include "server/app/stop_signal.h"

namespace budget {

// Runs the server until SIGTERM or SIGINT, then drains it: health says
// NOT_SERVING, new work is refused, and what was begun is finished. The status
// says what to change where it could not start.
absl::Status Serve(const Config& config, absl::string_view version,
                   StopSignal& stop);

}  // namespace budget

#endif  // BUDGET_APP_SERVE_H_
