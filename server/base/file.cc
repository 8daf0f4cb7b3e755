#include "server/base/file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace budget {

absl::StatusOr<std::string> ReadSmallFile(const std::string& path,
                                          size_t bytes_max) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::FailedPreconditionError(
        absl::StrCat("it cannot be read: ", std::strerror(errno)));
  }
  // One byte more than may be there tells a file that is too large.
  std::string content(bytes_max + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(file.gcount()));
  if (file.bad() || content.empty()) {
    return absl::FailedPreconditionError("it is empty or no file");
  }
  if (content.size() > bytes_max) {
    return absl::FailedPreconditionError(
        absl::StrCat("it is larger than ", bytes_max, " bytes"));
  }
  return content;
}

}  // namespace budget
