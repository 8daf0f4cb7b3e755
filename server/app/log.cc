#include "server/app/log.h"

#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
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

std::string Line(absl::string_view event, LogFields fields) {
  std::string line(event);
  for (const LogField& field : fields) {
    const std::string value =
        NeedsQuotes(field.value)
            ? absl::StrCat("\"", absl::Utf8SafeCEscape(field.value), "\"")
            : field.value;
    absl::StrAppend(&line, " ", field.name, "=", value);
  }
  return line;
}

void Write(spdlog::level::level_enum level, absl::string_view event,
           LogFields fields) {
  if (!Logger().should_log(level)) return;
  Logger().log(level, "{}", Line(event, fields));
}

// Lets a line through that has not been seen for a while. Thread-safe.
class OncePerPause {
 public:
  bool Passes(const std::string& line) {
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mutex_);
    if (now - since_ > kRepeatPause) {
      seen_.clear();
      since_ = now;
    }
    return seen_.insert(line).second;
  }

 private:
  static constexpr absl::Duration kRepeatPause = absl::Seconds(10);
  absl::Mutex mutex_;
  absl::Time since_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::set<std::string> seen_ ABSL_GUARDED_BY(mutex_);
};

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

void LogRepeating(absl::string_view event, LogFields fields) {
  static OncePerPause& once = *new OncePerPause;
  if (once.Passes(Line(event, fields))) LogWarning(event, fields);
}

}  // namespace budget
