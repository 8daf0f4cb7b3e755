#include "tests/sim/network.h"

#include <utility>

namespace budget::sim {
namespace {

constexpr absl::Duration kLongDelay = absl::Seconds(8);

}  // namespace

absl::Duration Network::Delay() {
  if (!healed_ && random_.Chance(profile_.rates.message_delayed)) {
    ++faults_[FaultKind::kMessageDelayed];
    return random_.Mostly(kLongDelay);
  }
  return random_.Mostly(profile_.message_max);
}

void Network::Send(Kind kind, Link link, std::function<void()> deliver) {
  if (healed_) return events_.After(Delay(), std::move(deliver));
  if (cut_.contains(link)) return;
  const bool request = kind == Kind::kRequest;
  const FaultRates& rates = profile_.rates;
  if (random_.Chance(request ? rates.request_dropped : rates.reply_dropped)) {
    ++faults_[request ? FaultKind::kRequestDropped : FaultKind::kReplyDropped];
    return;
  }
  if (random_.Chance(request ? rates.request_duplicated
                             : rates.reply_duplicated)) {
    ++faults_[request ? FaultKind::kRequestDuplicated
                      : FaultKind::kReplyDuplicated];
    events_.After(Delay(), deliver);
  }
  events_.After(Delay(), std::move(deliver));
}

void Network::Cut(Link link, absl::Duration during) {
  if (healed_) return;
  ++faults_[FaultKind::kPartition];
  const auto at = cut_.insert(link);
  events_.After(during, [this, at] {
    if (!healed_) cut_.erase(at);
  });
}

void Network::Heal() {
  healed_ = true;
  cut_.clear();
}

}  // namespace budget::sim
