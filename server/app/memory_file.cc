#include "server/app/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace budget {
namespace {

absl::Status Failure() {
  return absl::ResourceExhaustedError(
      absl::StrCat("no room for a file in memory: ", std::strerror(errno)));
}

bool WriteAll(int descriptor, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

bool SetModified(int descriptor, int64_t seconds) {
  const timespec time{.tv_sec = seconds, .tv_nsec = 0};
  const timespec times[2] = {time, time};
  return futimens(descriptor, times) == 0;
}

}  // namespace

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status MemoryFile::Replace(absl::string_view content) {
  const int made = memfd_create("budgetd", MFD_CLOEXEC);
  if (made < 0) return Failure();
  modified_ = std::max(modified_ + 1, absl::ToUnixSeconds(absl::Now()));
  if (!WriteAll(made, content) || !SetModified(made, modified_)) {
    const absl::Status failure = Failure();
    close(made);
    return failure;
  }
  if (descriptor_ < 0) {
    descriptor_ = made;
    return absl::OkStatus();
  }
  // The path stands for the number: from here on it leads to the new file.
  const bool moved = dup3(made, descriptor_, O_CLOEXEC) >= 0;
  const absl::Status status = moved ? absl::OkStatus() : Failure();
  close(made);
  return status;
}

std::string MemoryFile::path() const {
  return absl::StrCat("/proc/self/fd/", descriptor_);
}

}  // namespace budget
