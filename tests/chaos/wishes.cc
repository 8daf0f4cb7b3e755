#include "tests/chaos/wishes.h"

#include "absl/time/clock.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

// Small beside holds, which would not fit beside it otherwise.
constexpr int64_t kUsageTokensMax = 300;
constexpr int64_t kLargeUsageTokens = 3000;

bool TakesSlot(const Intent& reserve) {
  return reserve.target == kPool || reserve.target == kPoolAndKey;
}

}  // namespace

Uuid Wishes::NewId() {
  return Uuid::Version7(absl::Now(), {random_(), random_()});
}

int Wishes::AnyRoot() { return static_cast<int>(Between(0, kRoots - 1)); }

Intent Wishes::NewReserve(int root) {
  Intent intent{.root = root,
                .target = static_cast<int>(Between(0, kTargets - 1)),
                .ttl = absl::Seconds(Between(2, 4))};
  intent.id = NewId();
  intent.amounts = {Between(1000, 9000), Between(100, 2000), 1};
  return intent;
}

std::vector<Intent> Wishes::NewReserves() {
  const int root = AnyRoot();
  const bool of_one = OneIn(2);
  std::vector<Intent> reserves;
  for (int64_t left = Between(2, 8); left > 0; --left) {
    reserves.push_back(NewReserve(of_one ? root : AnyRoot()));
  }
  return reserves;
}

Intent Wishes::NewUsage(int root) {
  Intent usage{.verb = Verb::kRecordUsage,
               .root = root,
               .target = OneIn(2) ? kKey : kOtherKey};
  usage.id = NewId();
  usage.amounts = {
      Between(100, 1000),
      OneIn(20) ? kLargeUsageTokens : Between(10, kUsageTokensMax),
      Between(0, 1)};
  return usage;
}

std::vector<Intent> Wishes::RestOf(const Intent& reserve) {
  std::vector<Intent> rest;
  if (OneIn(40)) return rest;
  const bool adjusts = OneIn(4);
  if (adjusts) rest.push_back(AdjustmentOf(reserve));
  Intent end = reserve;
  if (OneIn(6)) {
    end.verb = Verb::kRelease;
    rest.push_back(end);
    return rest;
  }
  end.verb = Verb::kSettle;
  const Units used = UseOf(reserve);
  // After a report it shows if the adjustment before takes effect once more.
  if (OneIn(adjusts ? 2 : 15)) {
    end.final = false;
    end.amounts = {used[0] / 2, used[1] / 2, used[2]};
    rest.push_back(end);
  }
  end.final = true;
  end.amounts = used;
  rest.push_back(end);
  return rest;
}

// More, less or the same.
Intent Wishes::AdjustmentOf(const Intent& reserve) {
  Intent adjust = reserve;
  adjust.verb = Verb::kAdjust;
  if (OneIn(8)) return adjust;
  const auto& [usd, tokens, requests] = reserve.amounts;
  if (OneIn(3)) {
    adjust.amounts = {usd / 2, tokens / 2, Between(0, requests)};
  } else {
    adjust.amounts = {usd * 3 / 2, tokens * 3 / 2, requests + Between(0, 1)};
  }
  return adjust;
}

// A slot of the pool must come back whole, or it would be gone for good.
Units Wishes::UseOf(const Intent& reserve) {
  Units used = {Between(0, reserve.amounts[0]), Between(0, reserve.amounts[1]),
                TakesSlot(reserve) ? 0 : 1};
  if (OneIn(30) && !TakesSlot(reserve)) used[1] += reserve.amounts[1];
  return used;
}

}  // namespace budget::chaos
