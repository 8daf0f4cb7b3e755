#include "server/domain/counter.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace budget {
namespace {

Bucket& BucketOf(WindowKey number, std::vector<Bucket>& buckets) {
  const auto at = std::lower_bound(
      buckets.begin(), buckets.end(), number,
      [](const Bucket& bucket, WindowKey key) { return bucket.number < key; });
  if (at != buckets.end() && at->number == number) return *at;
  return *buckets.insert(at, Bucket{.number = number});
}

}  // namespace

void Age(const Limit& limit, absl::Time now, Counter& counter) {
  if (!limit.IsRolling() || counter.buckets.empty()) return;
  const WindowKey current = KeyAt(limit.spec.window, now);
  bool any_empty = false;
  for (Bucket& bucket : counter.buckets) {
    if (IsLiveBucket(bucket.number, current)) break;
    counter.tally.spent -= std::exchange(bucket.spent, 0);
    counter.tally.overage -= std::exchange(bucket.overage, 0);
    counter.tally.unpriced -= std::exchange(bucket.unpriced, 0);
    any_empty |= bucket.IsEmpty();
  }
  if (any_empty) std::erase_if(counter.buckets, std::mem_fn(&Bucket::IsEmpty));
}

void Apply(const Limit& limit, WindowKey window, const CounterDelta& delta,
           absl::Time now, Counter& counter) {
  CounterDelta counted = delta;
  if (limit.IsRolling()) {
    if (!IsLiveBucket(window, KeyAt(limit.spec.window, now))) {
      counted = {.reserved = delta.reserved};
    }
    Bucket& bucket = BucketOf(window, counter.buckets);
    bucket.spent += counted.spent;
    bucket.reserved += counted.reserved;
    bucket.overage += counted.overage;
    bucket.unpriced += counted.unpriced;
    if (bucket.IsEmpty()) {
      std::erase_if(counter.buckets, std::mem_fn(&Bucket::IsEmpty));
    }
  }
  counter.tally.spent += counted.spent;
  counter.tally.reserved += counted.reserved;
  counter.tally.overage += counted.overage;
  counter.tally.unpriced += counted.unpriced;
}

Pin CounterKeyOf(const Limit& limit, WindowKey window) {
  return {.limit = limit.id, .window = limit.IsRolling() ? 0 : window};
}

}  // namespace budget
