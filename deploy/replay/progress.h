#ifndef BUDGET_REPLAY_PROGRESS_H_
#define BUDGET_REPLAY_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace budget::replay {

// A bar that redraws in place on a terminal, and prints a line every tenth of
// the way elsewhere. On standard error, so that output can be piped.
class Progress {
 public:
  Progress(std::string what, int64_t total);
  ~Progress();

  // `note` is shown behind the bar.
  void Show(int64_t done, absl::string_view note);

 private:
  const std::string what_;
  const int64_t total_;
  const bool terminal_;
  int64_t tenths_shown_ = -1;
};

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_PROGRESS_H_
