#include "server/app/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace budget {
namespace {

// 64 connections of writers and 64 of readers at most, and what else there is.
constexpr rlim_t kSetAside = 256;

}  // namespace

int ConnectionsThatFit(int connections) {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
  const rlim_t wanted = static_cast<rlim_t>(connections) + kSetAside;
  if (limit.rlim_cur < wanted) {
    rlimit raised = limit;
    raised.rlim_cur = std::min(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  if (limit.rlim_cur >= wanted) return connections;
  // Where there are few at all, half of them.
  const rlim_t fit =
      std::max(limit.rlim_cur / 2,
               limit.rlim_cur - std::min(limit.rlim_cur, kSetAside));
  return static_cast<int>(std::min<rlim_t>(fit, connections));
}

}  // namespace budget
