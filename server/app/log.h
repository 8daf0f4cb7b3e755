#ifndef BUDGET_APP_LOG_H_
#define BUDGET_APP_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace budget {

// Log lines of the server: one event a line on stderr, as JSON
//   {"time":"2026-11-21T10:00:00.000Z","level":"info","event":"listening",...}
// or as text for people. Never a token, metadata of calls, a tag, an amount or
// a connection string. Thread-safe.

enum class LogLevel { kDebug, kInfo, kWarning, kError };

class LogValue {
 public:
  // NOLINTBEGIN(google-explicit-constructor): may be written as what it holds
  LogValue(std::string text) : value_(std::move(text)) {}
  LogValue(absl::string_view text) : value_(std::string(text)) {}
  LogValue(const char* text) : value_(std::string(text)) {}
  LogValue(int number) : value_(int64_t{number}) {}
  LogValue(int64_t number) : value_(number) {}
  LogValue(double number) : value_(number) {}
  LogValue(bool truth) : value_(truth) {}
  // NOLINTEND(google-explicit-constructor)

  const std::variant<std::string, int64_t, double, bool>& get() const {
    return value_;
  }

 private:
  std::variant<std::string, int64_t, double, bool> value_;
};

struct LogField {
  absl::string_view name;  // not "time", "level" or "event"
  LogValue value;
};
using LogFields = std::initializer_list<LogField>;

// "debug", "info", "warning", "error"; false for any other name.
bool SetLogLevel(absl::string_view level);

// "json", "text", or "auto": text on a terminal; false for any other name.
bool SetLogFormat(absl::string_view format);

// Whether lines of that level are written.
bool IsLogged(LogLevel level);

void Log(LogLevel level, absl::string_view event,
         absl::Span<const LogField> fields);
void LogInfo(absl::string_view event, LogFields fields = {});
void LogWarning(absl::string_view event, LogFields fields = {});
void LogError(absl::string_view event, LogFields fields = {});

// A warning that may come again and again: a database that is away says the
// same to every caller. The same line is written once in 10 seconds, and no
// more than 100 different ones of an event.
void LogRepeating(absl::string_view event, LogFields fields);

// The same for what failed; nothing where it did not.
void LogFailure(absl::string_view event, const absl::Status& status);

}  // namespace budget

#endif  // BUDGET_APP_LOG_H_
