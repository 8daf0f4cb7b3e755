#ifndef BUDGET_TESTS_CHAOS_LOG_TAIL_H_
#define BUDGET_TESTS_CHAOS_LOG_TAIL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace budget::chaos {

// What a program writes into its log from now on: evidence that it was broken.
class LogTail {
 public:
  // The file need not be there yet.
  explicit LogTail(std::string path);

  std::string Text() const;
  bool Says(absl::string_view words) const;
  // When the first line of budgetd was written, by the clock of budgetd.
  std::optional<absl::Time> FirstTime() const;

 private:
  const std::string path_;
  const uintmax_t begin_;  // bytes
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_LOG_TAIL_H_
