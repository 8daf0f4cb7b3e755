#include "server/domain/counter.h"

#include <algorithm>

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
  if (!limit.IsRolling()) return;
  const WindowKey current = KeyAt(limit.spec.window, now);
  auto bucket = counter.buckets.begin();
  for (; bucket != counter.buckets.end(); ++bucket) {
    if (IsLiveBucket(bucket->number, current)) break;
    counter.tally.spent -= bucket->spent;
    counter.tally.overage -= bucket->overage;
    counter.tally.unpriced -= bucket->unpriced;
  }
  counter.buckets.erase(counter.buckets.begin(), bucket);
}

void Apply(const Limit& limit, WindowKey window, const CounterDelta& delta,
           absl::Time now, Counter& counter) {
  counter.tally.reserved += delta.reserved;
  if (limit.IsRolling()) {
    if (!IsLiveBucket(window, KeyAt(limit.spec.window, now))) return;
    if (delta.spent != 0 || delta.overage != 0 || delta.unpriced != 0) {
      Bucket& bucket = BucketOf(window, counter.buckets);
      bucket.spent += delta.spent;
      bucket.overage += delta.overage;
      bucket.unpriced += delta.unpriced;
    }
  }
  counter.tally.spent += delta.spent;
  counter.tally.overage += delta.overage;
  counter.tally.unpriced += delta.unpriced;
}

Pin CounterKeyOf(const Limit& limit, WindowKey window) {
  return {.limit = limit.id, .window = limit.IsRolling() ? 0 : window};
}

}  // namespace budget
