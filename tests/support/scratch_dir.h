#ifndef BUDGET_TESTS_SUPPORT_SCRATCH_DIR_H_
#define BUDGET_TESTS_SUPPORT_SCRATCH_DIR_H_

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>
#include <system_error>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace budget::testing {

// Whether `happened` comes true before long: an event of another process,
// which can only be looked for.
inline bool Eventually(const std::function<bool()>& happened) {
  const absl::Time end = absl::Now() + absl::Minutes(1);
  while (!happened()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

// A directory of its own that other users may pass; removed at the end.
class ScratchDir {
 public:
  ScratchDir() {
    path_ = "/tmp/budgetd-test-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) abort();
    chmod(path_.c_str(), 0755);
  }
  ~ScratchDir() {
    // A process that was killed may still be writing to it.
    Eventually([this] {
      std::error_code error;
      std::filesystem::remove_all(path_, error);
      return !std::filesystem::exists(path_, error);
    });
  }
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_SUPPORT_SCRATCH_DIR_H_
