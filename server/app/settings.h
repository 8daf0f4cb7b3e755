#ifndef BUDGET_APP_SETTINGS_H_
#define BUDGET_APP_SETTINGS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/app/config.h"

namespace budget {

// Reads a value or says what to give instead; writes a value for people.
struct Setting {
  std::string name;  // "batch-max": flag --batch-max, BUDGETD_BATCH_MAX
  std::string help;
  std::function<absl::Status(const std::string&, Config&)> set;
  std::function<std::string(const Config&)> show;
  bool is_switch = false;
};

// The table of everything that can be set, in the order of --help.
std::vector<Setting> Settings();

}  // namespace budget

#endif  // BUDGET_APP_SETTINGS_H_
