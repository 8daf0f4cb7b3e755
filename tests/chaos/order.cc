#include "tests/chaos/order.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

}  // namespace

Order::Order(std::vector<Effect> effects) : by_sequence_(std::move(effects)) {
  for (const Effect& effect : by_sequence_) {
    if (effect.returned != kNever) {
      answered_.emplace_back(effect.returned, effect.sequence);
    }
    begun_.emplace_back(effect.called, effect.sequence);
  }
  std::sort(by_sequence_.begin(), by_sequence_.end(),
            [](const Effect& a, const Effect& b) {
              return a.sequence < b.sequence;
            });
  std::sort(answered_.begin(), answered_.end());
  for (size_t i = 1; i < answered_.size(); ++i) {
    answered_[i].second =
        std::max(answered_[i].second, answered_[i - 1].second);
  }
  std::sort(begun_.begin(), begun_.end());
  for (size_t i = begun_.size(); i-- > 1;) {
    begun_[i - 1].second = std::min(begun_[i - 1].second, begun_[i].second);
  }
}

// The latest call of all earlier entries must not have begun after an entry was
// answered.
void Order::Check(const std::string& root, const Weather& weather,
                  Verdicts& verdicts) const {
  const Effect* latest = nullptr;
  for (const Effect& effect : by_sequence_) {
    const bool holds = latest == nullptr || latest->called <= effect.returned;
    verdicts.Under(weather.At(effect.called));
    verdicts.Check(Invariant::kRealTimeOrder, holds, [&] {
      return absl::StrCat(root, " entry ", effect.sequence,
                          " was answered before the call of entry ",
                          latest->sequence, " began");
    });
    if (latest == nullptr || latest->called < effect.called) latest = &effect;
  }
}

Span Order::Around(Nanos called, Nanos returned) const {
  Span span{.first = 0, .last = kEnd};
  const auto answered = std::lower_bound(
      answered_.begin(), answered_.end(), std::make_pair(called, int64_t{0}));
  if (answered != answered_.begin()) span.first = std::prev(answered)->second;
  const auto begun = std::upper_bound(begun_.begin(), begun_.end(),
                                      std::make_pair(returned, kEnd));
  if (begun != begun_.end()) span.last = begun->second - 1;
  return span;
}

}  // namespace budget::chaos
