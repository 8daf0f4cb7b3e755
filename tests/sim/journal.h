#ifndef BUDGET_TESTS_SIM_JOURNAL_H_
#define BUDGET_TESTS_SIM_JOURNAL_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/sim/events.h"
#include "tests/sim/fingerprint.h"

namespace budget::sim {

// What happened: always as a hash, which is equal for equal runs, and where it
// was asked for the last of it in words.
class Journal {
 public:
  static constexpr size_t kLinesMax = 200;

  Journal(const Events& events, bool in_words)
      : events_(events), in_words_(in_words) {}

  void Note(uint64_t what, uint64_t value) {
    print_.Add(events_.now()).Add(what).Add(value);
  }

  void Tell(absl::FunctionRef<std::string()> words) {
    if (!in_words_) return;
    if (lines_.size() == kLinesMax) lines_.pop_front();
    lines_.push_back(absl::StrCat(
        absl::FormatTime("%H:%M:%E6S", events_.now(), absl::UTCTimeZone()),
        " ", words()));
  }

  uint64_t hash() const { return print_.value(); }
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  const Events& events_;
  const bool in_words_;
  Fingerprint print_;
  std::deque<std::string> lines_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_JOURNAL_H_
