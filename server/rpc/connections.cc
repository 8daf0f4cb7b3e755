#include "server/rpc/connections.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "server/base/memory.h"

namespace budget {
namespace {

using std::chrono::steady_clock;

// Handing a connection on takes less than a millisecond, and longer only if
// gRPC reads from it at once and does not come to an end. What it has brought
// by then is a mebibyte at least, unless the machine is slow.
constexpr std::chrono::seconds kHandingMax(1);
constexpr int64_t kHandingBytesMax = 1 << 20;

// gRPC takes about as long to free what a connection held that was cut. Who
// comes again at once fills more than was freed.
constexpr std::chrono::seconds kCutLately(3);

// What is in RAM includes what malloc keeps for later, until it is given back.
// malloc could tell, but waits for whoever allocates: for seconds, in a flood.
Memory MemoryNow(absl::Span<const int64_t> unanswered_bytes,
                 const ConnectionBounds& bounds) {
  const bool is_short = MayFillMemory(unanswered_bytes, bounds) &&
                        ResidentBytes() > bounds.memory_bytes_max;
  return is_short ? Memory::kShort : Memory::kEnough;
}

bool IsInTheWay(std::optional<steady_clock::time_point> handing_since,
                const Unanswered& unanswered) {
  return handing_since &&
         steady_clock::now() - *handing_since > kHandingMax &&
         unanswered.bytes() > kHandingBytesMax;
}

}  // namespace

Connections::Connections(const ConnectionBounds& bounds,
                         ConnectionMeters& meters, OnTurnedAway on_turned_away)
    : bounds_(bounds),
      meters_(meters),
      on_turned_away_(std::move(on_turned_away)) {}

std::optional<TcpConnection> Connections::Admit(int fd) {
  const std::optional<TcpConnection> connection = IdentifyTcp(fd);
  if (!connection) return std::nullopt;
  std::string address = PeerAddress(fd);
  absl::MutexLock lock(&mutex_);
  const auto known = of_address_.find(address);
  const std::optional<NoRoom> refusal = WhyRefuse(
      {.open = static_cast<int>(open_.size()),
       .of_address = known == of_address_.end() ? 0 : known->second,
       .past = PastOf(address)},
      bounds_);
  if (refusal) {
    Refuse(*refusal, std::move(address));
    return std::nullopt;
  }
  // A number that is new here was closed since the last look.
  const auto old = open_.find(fd);
  if (old != open_.end()) {
    Forget(old->second.address);
    open_.erase(old);
  }
  ++of_address_[address];
  open_[fd] = {.connection = *connection,
               .address = std::move(address),
               .handing_since = steady_clock::now()};
  meters_.open.Set(static_cast<int64_t>(open_.size()));
  return connection;
}

void Connections::Handed(const TcpConnection& connection) {
  absl::MutexLock lock(&mutex_);
  const auto at = open_.find(connection.fd);
  // It may be closed, and its number another's.
  if (at == open_.end()) return;
  if (at->second.connection.cookie != connection.cookie) return;
  at->second.handing_since.reset();
}

Past Connections::PastOf(const std::string& address) const {
  const auto cut = cut_.find(address);
  const bool is_late =
      cut != cut_.end() && steady_clock::now() - cut->second < kCutLately;
  return is_late ? Past::kCutLately : Past::kNone;
}

void Connections::Missed() { Refuse(NoRoom::kDescriptors, ""); }

void Connections::Refuse(NoRoom why, std::string address) {
  meters_.refused[static_cast<size_t>(why)].Add();
  if (!on_turned_away_) return;
  on_turned_away_({.event = "connection_refused",
                   .address = std::move(address),
                   .why = NoRoomName(why)});
}

void Connections::Forget(const std::string& address) {
  const auto at = of_address_.find(address);
  if (--at->second == 0) of_address_.erase(at);
}

void Connections::Count() {
  absl::erase_if(cut_, [now = steady_clock::now()](const auto& cut) {
    return now - cut.second >= kCutLately;
  });
  for (auto at = open_.begin(); at != open_.end();) {
    const auto traffic = TrafficOf(at->second.connection);
    if (traffic) {
      at->second.unanswered.Update(*traffic);
      ++at;
    } else {
      Forget(at->second.address);
      open_.erase(at++);
    }
  }
  meters_.open.Set(static_cast<int64_t>(open_.size()));
}

bool Connections::End(Open& open, Cut why) {
  if (!ShutDown(open.connection)) return false;
  open.cut = true;
  cut_[open.address] = steady_clock::now();
  meters_.cut[static_cast<size_t>(why)].Add();
  if (on_turned_away_) {
    on_turned_away_({.event = "connection_cut",
                     .address = open.address,
                     .why = CutName(why)});
  }
  return true;
}

bool Connections::Look() {
  absl::MutexLock lock(&mutex_);
  Count();
  bool cut = false;
  std::vector<Open*> asked;
  std::vector<int64_t> unanswered_bytes;
  for (auto& [fd, open] : open_) {
    if (open.cut) continue;
    if (IsInTheWay(open.handing_since, open.unanswered)) {
      cut = End(open, Cut::kInTheWay) || cut;
      continue;
    }
    asked.push_back(&open);
    unanswered_bytes.push_back(open.unanswered.bytes());
  }
  const Memory memory = MemoryNow(unanswered_bytes, bounds_);
  for (const CutOrder& order : WhomToCut(unanswered_bytes, memory, bounds_)) {
    cut = End(*asked[order.connection], order.why) || cut;
  }
  return cut;
}

}  // namespace budget
