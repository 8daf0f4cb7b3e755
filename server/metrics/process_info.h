#ifndef BUDGET_METRICS_PROCESS_INFO_H_
#define BUDGET_METRICS_PROCESS_INFO_H_

#include <cstdint>
#include <optional>

namespace budget {

// What /proc says of this process.
struct ProcessInfo {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  // Unix time
  int64_t resident_bytes = 0;
  int64_t virtual_bytes = 0;
  int64_t threads = 0;
  int64_t open_fds = 0;
  int64_t max_fds = 0;
};

// nullopt where there is no /proc. Thread-safe.
std::optional<ProcessInfo> ReadProcessInfo();

}  // namespace budget

#endif  // BUDGET_METRICS_PROCESS_INFO_H_
