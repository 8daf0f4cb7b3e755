#ifndef BUDGET_APP_LOG_H_
#define BUDGET_APP_LOG_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"

namespace budget {

// Log lines of the server: one event a line on stderr, as
// "2026-11-21T10:00:00.000Z info listening address=127.0.0.1:7443".
// Thread-safe.

struct LogField {
  absl::string_view name;
  std::string value;
};
using LogFields = std::initializer_list<LogField>;

// "debug", "info", "warning", "error"; false for any other name.
bool SetLogLevel(absl::string_view level);

void LogInfo(absl::string_view event, LogFields fields = {});
void LogWarning(absl::string_view event, LogFields fields = {});
void LogError(absl::string_view event, LogFields fields = {});

// A warning that may come again and again: a database that is away says the
// same to every caller. The same line is written once in 10 seconds.
void LogRepeating(absl::string_view event, LogFields fields);

}  // namespace budget

#endif  // BUDGET_APP_LOG_H_
