#include "server/base/zone.h"

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"

namespace budget {
namespace {

struct Cache {
  absl::Mutex mutex;
  absl::flat_hash_map<std::string, absl::TimeZone> zones
      ABSL_GUARDED_BY(mutex);
};

Cache& ZoneCache() {
  static Cache& cache = *new Cache;
  return cache;
}

// The loader also takes file names and names of its own, which mean different
// things on different machines.
bool IsZoneName(absl::string_view name) {
  return !name.empty() && name.size() <= 64 && name[0] != '/' &&
         name[0] != ':' && name != "localtime" &&
         name != "posixrules" && !absl::StartsWith(name, "posix/") &&
         !absl::StrContains(name, "..") && !absl::StartsWith(name, "Fixed/") &&
         !absl::StartsWith(name, "file:") && !absl::StartsWith(name, "libc:") &&
         name.find('\0') == absl::string_view::npos;
}

}  // namespace

std::optional<absl::TimeZone> FindZone(absl::string_view name) {
  if (!IsZoneName(name)) return std::nullopt;
  Cache& cache = ZoneCache();
  absl::MutexLock lock(&cache.mutex);
  if (auto it = cache.zones.find(name); it != cache.zones.end()) {
    return it->second;
  }
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  cache.zones.emplace(name, zone);
  return zone;
}

}  // namespace budget
