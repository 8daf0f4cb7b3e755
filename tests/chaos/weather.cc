#include "tests/chaos/weather.h"

#include <algorithm>
#include <iterator>

namespace budget::chaos {

absl::string_view Weather::AtMicros(int64_t micros) const {
  const auto next = std::upper_bound(
      troubles_.begin(), troubles_.end(), micros,
      [](int64_t at, const Trouble& trouble) {
        return at < trouble.begin_micros;
      });
  if (next == troubles_.begin()) return kCalm;
  const Trouble& last = *std::prev(next);
  return micros <= last.end_micros ? absl::string_view(last.fault) : kCalm;
}

}  // namespace budget::chaos
