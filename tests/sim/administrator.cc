#include "tests/sim/administrator.h"

namespace budget::sim {
namespace {

constexpr int kFirstOperations = 8;
constexpr int kPauseFactor = 2;  // to a gateway's
constexpr size_t kWaitingMax = 4;

}  // namespace

void Administrator::Begin() {
  for (size_t root = 0; root < traffic_.roots(); ++root) {
    for (int i = 0; i < kFirstOperations; ++i) {
      caller_.Call({traffic_.Anything(root)}, nullptr);
    }
  }
  Next();
}

void Administrator::Next() {
  if (scene_.stopped) return;
  scene_.events.After(
      scene_.random.Mostly(kPauseFactor * (scene_.healed
                                            ? scene_.profile.calm_pause_max
                                            : scene_.profile.pause_max)),
      [this] { Next(); });
  if (caller_.waiting() >= kWaitingMax) return;
  const auto root = static_cast<size_t>(
      scene_.random.Below(static_cast<int64_t>(traffic_.roots())));
  caller_.Call({traffic_.AnyChange(root)}, nullptr);
}

}  // namespace budget::sim
