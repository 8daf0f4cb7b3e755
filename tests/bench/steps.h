#ifndef BUDGET_TESTS_BENCH_STEPS_H_
#define BUDGET_TESTS_BENCH_STEPS_H_

#include <string>

#include "absl/time/time.h"

namespace budget::bench {

// Tells on standard error which of many steps is being done, how many are
// done, and about how long the rest will take: in place on a terminal, a line
// each elsewhere.
class Steps {
 public:
  explicit Steps(int total);
  ~Steps();

  void Begin(const std::string& what);
  void End();

  // A line of its own, which stays.
  void Tell(const std::string& line);

 private:
  std::string TimeLeft() const;

  const int total_;
  const bool terminal_;
  int done_ = 0;
  absl::Time set_up_;  // when the first steps, which take longer, were done
  bool shown_ = false;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_STEPS_H_
