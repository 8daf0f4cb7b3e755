#ifndef BUDGET_APP_MEMORY_FILE_H_
#define BUDGET_APP_MEMORY_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace budget {

// A file that exists in the memory of this process only, for libraries that
// read by path what must not lie on a disk. One thread replaces, any may read.
class MemoryFile {
 public:
  MemoryFile() = default;
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // Puts `content` in place of what was there. Whoever opens path() finds the
  // old or the new, whole, and each with a time of modification of its own,
  // in whole seconds. RESOURCE_EXHAUSTED if the system has no room for it.
  absl::Status Replace(absl::string_view content);

  // Valid, and always the same, once something was put there.
  std::string path() const;

 private:
  int descriptor_ = -1;
  int64_t modified_ = 0;  // seconds since 1970
};

}  // namespace budget

#endif  // BUDGET_APP_MEMORY_FILE_H_
