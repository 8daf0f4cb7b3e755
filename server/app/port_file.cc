#include "server/app/port_file.h"

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace budget {

absl::Status WritePortFile(absl::string_view flag, const std::string& path,
                           int port) {
  if (path.empty()) return absl::OkStatus();
  // Whoever waits for the file finds the whole port in it.
  const std::string partial = path + ".new";
  std::ofstream(partial) << port << "\n";
  if (rename(partial.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "--", flag, " ", path, " cannot be written; choose another"));
}

}  // namespace budget
