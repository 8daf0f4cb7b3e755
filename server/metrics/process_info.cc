#include "server/metrics/process_info.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace budget {
namespace {

std::string Content(const char* path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

// Fields of /proc/self/stat from the third on: the second is a name in
// parentheses that may hold anything.
constexpr size_t kUserTime = 11;
constexpr size_t kSystemTime = 12;
constexpr size_t kThreads = 17;
constexpr size_t kStartTime = 19;
constexpr size_t kVirtualBytes = 20;
constexpr size_t kResidentPages = 21;

int64_t NumberAt(const std::vector<absl::string_view>& fields, size_t at) {
  int64_t number = 0;
  if (at < fields.size() && absl::SimpleAtoi(fields[at], &number)) {
    return number;
  }
  return 0;
}

double BootTimeSeconds() {
  const std::string stat = Content("/proc/stat");
  for (absl::string_view line : absl::StrSplit(stat, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words[0] == "btime") return static_cast<double>(NumberAt(words, 1));
  }
  return 0;
}

int64_t OpenFds() {
  std::error_code error;
  int64_t count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end;
       !error && at != end; at.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

std::optional<ProcessInfo> ReadProcessInfo() {
  const std::string stat = Content("/proc/self/stat");
  const size_t name_end = stat.rfind(") ");
  if (name_end == std::string::npos) return std::nullopt;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(stat).substr(name_end + 2), ' ');
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  ProcessInfo info;
  info.cpu_seconds =
      static_cast<double>(NumberAt(fields, kUserTime) +
                          NumberAt(fields, kSystemTime)) / ticks;
  info.start_time_seconds =
      BootTimeSeconds() +
      static_cast<double>(NumberAt(fields, kStartTime)) / ticks;
  info.threads = NumberAt(fields, kThreads);
  info.virtual_bytes = NumberAt(fields, kVirtualBytes);
  info.resident_bytes =
      NumberAt(fields, kResidentPages) * sysconf(_SC_PAGESIZE);
  info.open_fds = OpenFds();
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    info.max_fds = static_cast<int64_t>(limit.rlim_cur);
  }
  return info;
}

}  // namespace budget
