#ifndef BUDGET_TESTS_METRICS_CAPTURED_LOG_H_
#define BUDGET_TESTS_METRICS_CAPTURED_LOG_H_

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "server/app/log.h"

namespace budget::testing {

// The lines of a log in JSON. Every one of them must be whole, with the fields
// that all have.
inline std::vector<nlohmann::json> ParseLog(const std::string& text) {
  std::vector<nlohmann::json> lines;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    nlohmann::json parsed =
        nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
    EXPECT_TRUE(parsed.is_object()) << line;
    if (!parsed.is_object()) continue;
    for (const char* field : {"time", "level", "event"}) {
      EXPECT_TRUE(parsed.contains(field)) << line;
    }
    lines.push_back(std::move(parsed));
  }
  return lines;
}

// What this process logs, as JSON, from here to Take or the end.
class CapturedLog {
 public:
  explicit CapturedLog(const std::string& level = "info",
                       const std::string& format = "json") {
    EXPECT_TRUE(SetLogLevel(level));
    EXPECT_TRUE(SetLogFormat(format));
    ::testing::internal::CaptureStderr();
  }
  ~CapturedLog() {
    if (!taken_) Text();
  }

  std::string Text() {
    taken_ = true;
    return ::testing::internal::GetCapturedStderr();
  }
  std::vector<nlohmann::json> Lines() { return ParseLog(Text()); }

 private:
  bool taken_ = false;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_METRICS_CAPTURED_LOG_H_
