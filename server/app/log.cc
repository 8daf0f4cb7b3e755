#include "server/app/log.h"

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace budget {
namespace {

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger>& logger = *[] {
    auto made = spdlog::stderr_logger_mt("budgetd");
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
    made->flush_on(spdlog::level::trace);
    return new std::shared_ptr<spdlog::logger>(made);
  }();
  return *logger;
}

bool NeedsQuotes(absl::string_view value) {
  return value.empty() ||
         value.find_first_of(" \t\r\n\"=") != absl::string_view::npos;
}

void Write(spdlog::level::level_enum level, absl::string_view event,
           LogFields fields) {
  if (!Logger().should_log(level)) return;
  std::string line(event);
  for (const LogField& field : fields) {
    const std::string value =
        NeedsQuotes(field.value)
            ? absl::StrCat("\"", absl::Utf8SafeCEscape(field.value), "\"")
            : field.value;
    absl::StrAppend(&line, " ", field.name, "=", value);
  }
  Logger().log(level, "{}", line);
}

}  // namespace

bool SetLogLevel(absl::string_view level) {
  if (level == "debug") {
    Logger().set_level(spdlog::level::debug);
  } else if (level == "info") {
    Logger().set_level(spdlog::level::info);
  } else if (level == "warning") {
    Logger().set_level(spdlog::level::warn);
  } else if (level == "error") {
    Logger().set_level(spdlog::level::err);
  } else {
    return false;
  }
  return true;
}

void LogInfo(absl::string_view event, LogFields fields) {
  Write(spdlog::level::info, event, fields);
}

void LogWarning(absl::string_view event, LogFields fields) {
  Write(spdlog::level::warn, event, fields);
}

void LogError(absl::string_view event, LogFields fields) {
  Write(spdlog::level::err, event, fields);
}

}  // namespace budget
