#ifndef BUDGET_APP_EXPOSURE_H_
#define BUDGET_APP_EXPOSURE_H_

#include "absl/status/status.h"
#include "server/app/config.h"

namespace budget {

// Whether callers must say who they are: unless told otherwise, everywhere but
// on a loopback address in plain text, where nothing is configured for it.
bool AuthRequired(const Config& config);

// INVALID_ARGUMENT, naming flag and remedy, where others could reach what is
// served in plain text or without being asked who they are, and nobody has
// accepted that.
absl::Status CheckExposure(const Config& config);

}  // namespace budget

#endif  // BUDGET_APP_EXPOSURE_H_
