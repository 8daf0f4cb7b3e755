#ifndef BUDGET_TESTS_CHAOS_WEATHER_H_
#define BUDGET_TESTS_CHAOS_WEATHER_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/chaos/history.h"

namespace budget::chaos {

// A time of the database's clock in which something was broken or had not yet
// recovered. It ends when it recovered, not when that was seen.
struct Trouble {
  static constexpr int64_t kNotHealed = std::numeric_limits<int64_t>::max();

  int64_t begin_micros = 0;
  int64_t end_micros = kNotHealed;
  std::string fault;
  bool spares_sweepers = false;  // as Fault says
};

// What was broken when.
class Weather {
 public:
  // `troubles` are one after the other, and must outlive this. The steady clock
  // was zero at `micros_at_zero` of the database's.
  Weather(const std::vector<Trouble>& troubles, int64_t micros_at_zero)
      : troubles_(troubles), micros_at_zero_(micros_at_zero) {}

  static constexpr absl::string_view kCalm = "nothing";

  // The name of the fault; kCalm where there was none.
  absl::string_view AtMicros(int64_t micros) const;
  absl::string_view At(Nanos nanos) const {
    return AtMicros(micros_at_zero_ + nanos / 1000);
  }

 private:
  const std::vector<Trouble>& troubles_;
  const int64_t micros_at_zero_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_WEATHER_H_
