#include "server/app/log.h"

#include <unistd.h>

#include <atomic>
#include <map>
#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace budget {
namespace {

using Json = nlohmann::ordered_json;

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger>& logger = *[] {
    auto made = spdlog::stderr_logger_mt("budgetd");
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%v", spdlog::pattern_time_type::utc));
    made->flush_on(spdlog::level::trace);
    return new std::shared_ptr<spdlog::logger>(made);
  }();
  return *logger;
}

std::atomic<bool>& AsJson() {
  static std::atomic<bool> as_json{isatty(STDERR_FILENO) == 0};
  return as_json;
}

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "";
}

bool NeedsQuotes(absl::string_view value) {
  return value.empty() ||
         value.find_first_of(" \t\r\n\"=") != absl::string_view::npos;
}

struct AsText {
  std::string operator()(const std::string& text) const {
    if (!NeedsQuotes(text)) return text;
    return absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
  }
  std::string operator()(bool truth) const { return truth ? "true" : "false"; }
  template <typename Number>
  std::string operator()(Number number) const {
    return absl::StrCat(number);
  }
};

using Fields = absl::Span<const LogField>;

std::string TextOf(absl::string_view event, Fields fields) {
  std::string line(event);
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", field.name, "=",
                    std::visit(AsText(), field.value.get()));
  }
  return line;
}

std::string JsonOf(absl::string_view time, LogLevel level,
                   absl::string_view event, Fields fields) {
  Json line;
  line["time"] = std::string(time);
  line["level"] = std::string(LevelName(level));
  line["event"] = std::string(event);
  for (const LogField& field : fields) {
    std::visit(
        [&](const auto& value) { line[std::string(field.name)] = value; },
        field.value.get());
  }
  // What is not UTF-8 is replaced: a line must always be readable.
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Lets a line through that has not been seen for a while, and no more than some
// of each event: one that has many shapes does not hide the others. Thread-safe.
class OncePerPause {
 public:
  bool Passes(absl::string_view event, const std::string& line) {
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mutex_);
    if (now - since_ > kRepeatPause) {
      seen_.clear();
      since_ = now;
    }
    std::set<std::string>& lines = seen_[std::string(event)];
    return lines.size() < kLinesMax && lines.insert(line).second;
  }

 private:
  static constexpr absl::Duration kRepeatPause = absl::Seconds(10);
  static constexpr size_t kLinesMax = 100;
  absl::Mutex mutex_;
  absl::Time since_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::map<std::string, std::set<std::string>> seen_ ABSL_GUARDED_BY(mutex_);
};

Fields SpanOf(LogFields fields) { return {fields.begin(), fields.size()}; }

}  // namespace

bool SetLogLevel(absl::string_view level) {
  for (LogLevel known : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning,
                         LogLevel::kError}) {
    if (level != LevelName(known)) continue;
    Logger().set_level(SpdlogLevel(known));
    return true;
  }
  return false;
}

bool SetLogFormat(absl::string_view format) {
  if (format != "json" && format != "text" && format != "auto") return false;
  AsJson() = format == "auto" ? isatty(STDERR_FILENO) == 0 : format == "json";
  return true;
}

bool IsLogged(LogLevel level) {
  return Logger().should_log(SpdlogLevel(level));
}

void Log(LogLevel level, absl::string_view event, Fields fields) {
  if (!IsLogged(level)) return;
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(),
                                            absl::UTCTimeZone());
  const std::string line =
      AsJson() ? JsonOf(time, level, event, fields)
               : absl::StrCat(time, " ", LevelName(level), " ",
                              TextOf(event, fields));
  Logger().log(SpdlogLevel(level), "{}", line);
}

void LogInfo(absl::string_view event, LogFields fields) {
  Log(LogLevel::kInfo, event, SpanOf(fields));
}

void LogWarning(absl::string_view event, LogFields fields) {
  Log(LogLevel::kWarning, event, SpanOf(fields));
}

void LogError(absl::string_view event, LogFields fields) {
  Log(LogLevel::kError, event, SpanOf(fields));
}

void LogRepeating(absl::string_view event, LogFields fields) {
  static OncePerPause& once = *new OncePerPause;
  if (once.Passes(event, TextOf(event, SpanOf(fields)))) {
    LogWarning(event, fields);
  }
}

void LogFailure(absl::string_view event, const absl::Status& status) {
  if (status.ok()) return;
  LogRepeating(event, {{"error", std::string(status.message())}});
}

}  // namespace budget
