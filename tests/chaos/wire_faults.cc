#include "tests/chaos/faults.h"

namespace budget::chaos {
namespace {

constexpr int kCuts = 5;
constexpr absl::Duration kCutPatience = absl::Seconds(3);

// Which wire of a replica.
using Wire = wire::Proxy& (Replica::*)();
constexpr Wire kDatabase = &Replica::proxy;
constexpr Wire kClients = &Replica::door;

// Replicas that have nothing to commit are passed over.
int CutAt(Stage& stage, Wire which, wire::Cut cut) {
  int cuts = 0;
  for (int i = 0; i < kCuts && !stage.interrupted(); ++i) {
    wire::Proxy& proxy = (stage.AnyReplica().*which)();
    proxy.CutNext(cut);
    cuts += Within(kCutPatience, [&] { return proxy.HasCut(); });
    proxy.CutNext(wire::Cut::kNever);
    stage.Last(20, 200);
  }
  return cuts;
}

// One replica in two of three cases, otherwise all of them. What is to swallow
// counts if it has.
int Worsen(Stage& stage, Wire which, const wire::Link& link) {
  const int only = stage.Between(0, Cluster::kReplicas * 3 / 2);
  for (int i = 0; i < Cluster::kReplicas; ++i) {
    if (only >= Cluster::kReplicas || only == i) {
      (stage.cluster().replica(i).*which)().SetLink(link);
    }
  }
  stage.Last(2000, 4000);
  bool swallowed = false;
  for (int i = 0; i < Cluster::kReplicas; ++i) {
    wire::Proxy& proxy = (stage.cluster().replica(i).*which)();
    swallowed |= proxy.TakeSwallowed();
    proxy.SetLink({});
  }
  const bool meant_to = link.swallows_answers || link.swallows_requests;
  return swallowed || !meant_to ? 1 : 0;
}

}  // namespace

absl::StatusOr<int> CutBeforeCommit(Stage& stage) {
  return CutAt(stage, kDatabase, wire::Cut::kBeforeCommit);
}

absl::StatusOr<int> CutAfterCommit(Stage& stage) {
  return CutAt(stage, kDatabase, wire::Cut::kAfterCommit);
}

absl::StatusOr<int> CutInReply(Stage& stage) {
  return CutAt(stage, kDatabase, wire::Cut::kInReply);
}

absl::StatusOr<int> CutAll(Stage& stage) {
  int closed = 0;
  for (int i = 0; i < Cluster::kReplicas; ++i) {
    closed += stage.cluster().replica(i).proxy().CloseAll();
  }
  return closed > 0 ? 1 : 0;
}

absl::StatusOr<int> DelayLink(Stage& stage) {
  return Worsen(stage, kDatabase,
                {.delay = absl::Milliseconds(stage.Between(20, 300))});
}

absl::StatusOr<int> SlowLink(Stage& stage) {
  return Worsen(stage, kDatabase,
                {.bytes_per_second = stage.Between(20'000, 200'000)});
}

absl::StatusOr<int> HalfOpenLink(Stage& stage) {
  return Worsen(stage, kDatabase, {.swallows_answers = true});
}

absl::StatusOr<int> SwallowRequests(Stage& stage) {
  return Worsen(stage, kDatabase, {.swallows_requests = true});
}

absl::StatusOr<int> CutClientLink(Stage& stage) {
  return CutAt(stage, kClients, wire::Cut::kInRequest) +
         CutAt(stage, kClients, wire::Cut::kInReply);
}

absl::StatusOr<int> DelayClientLink(Stage& stage) {
  return Worsen(stage, kClients,
                {.delay = absl::Milliseconds(stage.Between(20, 300))});
}

absl::StatusOr<int> HalfOpenClientLink(Stage& stage) {
  return Worsen(stage, kClients, {.swallows_requests = true});
}

}  // namespace budget::chaos
