#include "tests/sim/gateway.h"

#include <utility>
#include <vector>

namespace budget::sim {
namespace {

constexpr size_t kBatchMax = 6;
// Calls at a time, beyond which no conversation begins.
constexpr size_t kWaitingMax = 4;

}  // namespace

void Gateway::Begin() { Next(); }

void Gateway::Crash() {
  ++scene_.faults[FaultKind::kGatewayCrashed];
  ++life_;
  caller_.Crash();
  Next();
}

void Gateway::After(absl::Duration delay, std::function<void()> action) {
  scene_.events.After(delay, [this, life = life_, action = std::move(action)] {
    if (life == life_) action();
  });
}

void Gateway::Call(std::vector<Operation> operations, Caller::Done done) {
  caller_.Call(std::move(operations), std::move(done));
}

void Gateway::Next() {
  if (scene_.stopped) return;
  const Profile& profile = scene_.profile;
  After(scene_.random.Mostly(scene_.healed ? profile.calm_pause_max
                                           : profile.pause_max),
        [this] { Next(); });
  if (caller_.waiting() >= kWaitingMax) return;
  const auto root = static_cast<size_t>(
      scene_.random.Below(static_cast<int64_t>(traffic_.roots())));
  if (scene_.random.OneIn(4)) return AskAnything(root);
  if (scene_.random.OneIn(12)) return Call({traffic_.AnyUsage(root)});
  Converse(root);
}

void Gateway::AskAnything(size_t root) {
  std::vector<Operation> operations = {traffic_.Anything(root)};
  const bool one_root = scene_.random.OneIn(2);
  while (!scene_.random.OneIn(3) && operations.size() < kBatchMax) {
    const auto other = static_cast<size_t>(
        scene_.random.Below(static_cast<int64_t>(traffic_.roots())));
    operations.push_back(traffic_.Anything(one_root ? root : other));
  }
  Call(std::move(operations));
}

void Gateway::Converse(size_t root) {
  auto conversation = std::make_shared<Conversation>();
  conversation->root = root;
  conversation->reserve = traffic_.AnyReserve(root);
  Call({conversation->reserve},
       [this, life = life_, conversation](const auto& results) {
         const Outcome& outcome = results.front().outcome;
         if (life != life_ || !outcome.ok() || !outcome.reservation) return;
         conversation->granted = outcome.reservation->terms->granted;
         Dispatch(conversation);
       });
}

// Reports are sent at their moments and not waited for.
void Gateway::Dispatch(const Shared& conversation) {
  const absl::Duration ttl = conversation->reserve.payload->ttl;
  const auto length = scene_.random.Mostly(ttl);
  const int64_t reports = scene_.random.Below(4);
  for (int64_t i = 1; i <= reports; ++i) {
    After(length * i / (reports + 1), [this, conversation, i] {
      Report(conversation, static_cast<int>(i * 30));
    });
  }
  const bool late = scene_.random.OneIn(12);
  if (late) ++scene_.faults[FaultKind::kSettledLate];
  After(late ? ttl + length : length, [this, conversation] {
    End(conversation);
  });
}

void Gateway::Report(const Shared& conversation, int percent) {
  const std::string& root = traffic_.NameOf(conversation->root);
  if (scene_.random.OneIn(6)) {
    AdjustReservation adjust{.root = root, .id = conversation->reserve.id};
    adjust.held = traffic_.UsageOf(conversation->granted, 100 + percent);
    adjust.ttl = conversation->reserve.payload->ttl;
    return Call({adjust});
  }
  Call({Settle{.root = root,
               .id = conversation->reserve.id,
               .actual = traffic_.UsageOf(conversation->granted, percent),
               .final = false}});
}

void Gateway::End(const Shared& conversation) {
  const int64_t how = scene_.random.Below(100);
  if (how < 8) return;  // nothing is heard of it again
  if (how < 20) {
    return Call({Release{.root = traffic_.NameOf(conversation->root),
                         .id = conversation->reserve.id}});
  }
  SettleIt(conversation);
  if (how < 30) Call({conversation->reserve});
}

void Gateway::SettleIt(const Shared& conversation) {
  const auto percent = static_cast<int>(scene_.random.Below(140));
  const Settle settle{
      .root = traffic_.NameOf(conversation->root),
      .id = conversation->reserve.id,
      .actual = traffic_.UsageOf(conversation->granted, percent)};
  Call({settle});
  if (scene_.random.OneIn(8)) Call({settle});
  if (scene_.random.OneIn(16)) {
    Call({traffic_.Mutated(conversation->root, settle)});
  }
}

}  // namespace budget::sim
