#include "tests/chaos/gateway.h"

#include "absl/time/clock.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

constexpr int64_t kThinkMillisMin = 10;
constexpr int64_t kThinkMillisMax = 60;

bool TakesSlot(const Intent& reserve) {
  return reserve.target == kPool || reserve.target == kPoolAndKey;
}

}  // namespace

int64_t Gateway::Between(int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random_);
}

void Gateway::Run(const std::atomic<bool>& stop) {
  while (!stop) {
    RunReservation();
    absl::SleepFor(
        absl::Milliseconds(Between(kThinkMillisMin, kThinkMillisMax)));
  }
}

Answer Gateway::Do(const Intent& intent) {
  const Call call = client_.Do(intent);
  pulse_.Note(call.answer, call.returned);
  const bool unknown = call.answer == Answer::kUnknown ||
                       (call.answer == Answer::kDenied && call.follows_doubt);
  if (unknown) resolver_.Add(intent);
  return call.answer;
}

Intent Gateway::NewReserve() {
  Intent intent{.root = static_cast<int>(Between(0, kRoots - 1)),
                .target = static_cast<int>(Between(0, kTargets - 1)),
                .ttl = absl::Seconds(Between(2, 4))};
  intent.id = Uuid::Version7(absl::Now(), {random_(), random_()});
  intent.amounts = {Between(1000, 9000), Between(100, 2000), 1};
  return intent;
}

void Gateway::RunReservation() {
  const Intent reserve = NewReserve();
  if (Do(reserve) != Answer::kOk) return;
  // Who does not know what became of the repeat leaves it to the resolver.
  if (OneIn(15) && Do(reserve) != Answer::kOk) return;
  absl::SleepFor(absl::Milliseconds(Between(0, 20)));
  End(reserve);
}

// A slot of the pool must come back whole, or it would be gone for good.
void Gateway::End(const Intent& reserve) {
  if (OneIn(40)) return;  // its gateway has died
  if (OneIn(6)) {
    Intent release = reserve;
    release.verb = Verb::kRelease;
    Do(release);
    if (OneIn(10)) Do(release);
    return;
  }
  Units used = {Between(0, reserve.amounts[0]), Between(0, reserve.amounts[1]),
                TakesSlot(reserve) ? 0 : 1};
  if (OneIn(30) && !TakesSlot(reserve)) used[1] += reserve.amounts[1];
  Settle(reserve, used);
}

void Gateway::Settle(const Intent& reserve, Units used) {
  Intent settle = reserve;
  settle.verb = Verb::kSettle;
  if (OneIn(15)) {
    settle.final = false;
    settle.amounts = {used[0] / 2, used[1] / 2, used[2]};
    Do(settle);
  }
  settle.final = true;
  settle.amounts = used;
  Do(settle);
  if (OneIn(20)) Do(settle);
}

}  // namespace budget::chaos
