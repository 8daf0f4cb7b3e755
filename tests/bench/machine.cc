#include "tests/bench/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/common.h"
#include "grpcpp/grpcpp.h"
#include "server/app/postgres_install.h"

namespace budget::bench {
namespace {

// What follows the colon in the first line that begins with `key`.
std::string Look(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (absl::StartsWith(line, key) && colon != std::string::npos) {
      return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
    }
  }
  return "unknown";
}

}  // namespace

Machine DescribeMachine(const std::string& commit) {
  Machine machine;
  machine["cpu"] = Look("/proc/cpuinfo", "model name");
  machine["cores"] = absl::StrCat(sysconf(_SC_NPROCESSORS_ONLN));
  machine["memory"] = Look("/proc/meminfo", "MemTotal");
  utsname system = {};
  if (uname(&system) == 0) machine["kernel"] = system.release;
  machine["grpc"] = grpc::Version();
  machine["protobuf"] =
      google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION);
  const auto postgres = FindPostgres("", 0);
  if (postgres.ok()) machine["postgresql"] = absl::StrCat(postgres->version);
  machine["commit"] = commit;
  machine["time"] = absl::FormatTime(absl::RFC3339_sec, absl::Now(),
                                     absl::UTCTimeZone());
  return machine;
}

}  // namespace budget::bench
