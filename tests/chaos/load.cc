#include "tests/chaos/load.h"

#include <random>
#include <utility>

#include "absl/time/clock.h"
#include "tests/chaos/gateway.h"

namespace budget::chaos {
namespace {

constexpr Patience kHasty{.timeout = absl::Seconds(2), .attempts_max = 1};
constexpr Patience kPatient{};
// Whether calls fail is asked, not whether a busy machine is fast.
constexpr Patience kUnhurried{.timeout = absl::Seconds(30),
                              .attempts_max = 100};
constexpr Patience kStubborn{.timeout = absl::Seconds(5), .attempts_max = 50};
constexpr absl::Duration kCapPause = absl::Milliseconds(300);
constexpr absl::Duration kLookPause = absl::Milliseconds(30);
// Of one allocation each.
constexpr Target kLookedAt[] = {kPool, kKey, kOtherKey};

}  // namespace

Load::Load(const std::vector<std::string>& endpoints, uint64_t seed,
           int gateways, Callers callers,
           std::vector<RecordingClient::LimitIds> ids, History& history,
           Pulse& pulse)
    : ids_(std::move(ids)),
      patient_(endpoints, kPatient, history),
      stubborn_(endpoints, kStubborn, history),
      resolver_(stubborn_) {
  const Patience patience =
      callers == Callers::kPatient ? kUnhurried : kPatient;
  for (size_t i = 0; i <= endpoints.size(); ++i) {
    const bool hasty = callers == Callers::kMixed && i < endpoints.size();
    clients_.push_back(
        hasty ? std::make_unique<RecordingClient>(
                    std::vector<std::string>{endpoints[i]}, kHasty, history)
              : std::make_unique<RecordingClient>(endpoints, patience,
                                                  history));
  }
  for (int i = 0; i < gateways; ++i) {
    threads_.emplace_back([this, seed, i, &pulse] {
      RecordingClient& client =
          *clients_[static_cast<size_t>(i) % clients_.size()];
      Gateway(seed * 1000 + i, client, resolver_, pulse).Run(stop_);
    });
  }
  threads_.emplace_back([this, seed] { MoveCaps(seed); });
  threads_.emplace_back([this] { LookOn(); });
}

void Load::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Load::MoveCaps(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int> root(0, kRoots - 1);
  std::uniform_int_distribution<int> cap(kPoolCapMin, kPoolCapMax);
  while (!stop_) {
    const absl::StatusOr<Intent> intent =
        patient_.IntendCap(root(random), cap(random));
    const bool unknown =
        intent.ok() && patient_.Do(*intent).answer == Answer::kUnknown;
    if (unknown) resolver_.Add(*intent);
    absl::SleepFor(kCapPause);
  }
}

void Load::LookOn() {
  while (true) {
    for (const Target target : kLookedAt) {
      for (int root = 0; root < kRoots; ++root) {
        if (stop_) return;
        (void)patient_.DoRead(root, target, ids_[root]);
        absl::SleepFor(kLookPause);
      }
    }
  }
}

}  // namespace budget::chaos
