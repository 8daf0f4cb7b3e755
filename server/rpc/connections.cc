#include "server/rpc/connections.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/memory.h"

namespace budget {
namespace {

using std::chrono::steady_clock;

// Handing a connection on takes less than a millisecond, and longer only if
// gRPC reads from it at once and does not come to an end. What it has brought
// by then is a mebibyte at least, unless the machine is slow.
constexpr std::chrono::seconds kHandingMax(2);
constexpr int64_t kHandingBytesMax = 1 << 20;
constexpr std::chrono::milliseconds kHandingMaxAtTheEnd(100);

// gRPC has freed by then what a connection held that was cut.
constexpr std::chrono::seconds kFreedAfter(5);

}  // namespace

Connections::Connections(const ConnectionBounds& bounds,
                         ConnectionMeters& meters, OnTurnedAway on_turned_away)
    : bounds_(bounds),
      meters_(meters),
      on_turned_away_(std::move(on_turned_away)),
      refusals_(bounds.refusal_max) {}

std::optional<TcpConnection> Connections::Admit(int fd) {
  const std::optional<TcpConnection> connection = IdentifyTcp(fd);
  if (!connection) return std::nullopt;  // it is closed already
  std::string address = PeerAddress(fd);
  const Time now = steady_clock::now();
  Said said;
  std::optional<NoRoom> refusal;
  {
    absl::MutexLock lock(&mutex_);
    if (closed_) return std::nullopt;
    refusal = WhyRefuseNow(address, now);
    if (refusal == NoRoom::kFull) MakeRoomFor(address, now, said);
    if (refusal) {
      Refuse(*refusal, std::move(address), said);
    } else {
      Enter(*connection, std::move(address), now);
    }
  }
  Say(said);
  return refusal ? std::nullopt : connection;
}

std::optional<NoRoom> Connections::WhyRefuseNow(const std::string& address,
                                                Time now) const {
  const auto known = of_address_.find(address);
  return WhyRefuse(
      {.open = static_cast<int>(open_.size()) - cut_but_open_,
       .of_address = known == of_address_.end() ? 0 : known->second,
       .past = refusals_.Has(address, now) ? Past::kCutLately : Past::kNone},
      bounds_);
}

void Connections::Enter(const TcpConnection& connection, std::string address,
                        Time now) {
  // A number that is new here was closed since the last look.
  const auto old = open_.find(connection.fd);
  if (old != open_.end()) {
    Forget(old->second);
    open_.erase(old);
  }
  ++of_address_[address];
  open_[connection.fd] = {.connection = connection,
                          .address = std::move(address),
                          .quiet_since = now,
                          .handing_since = now};
  meters_.open.Set(static_cast<int64_t>(open_.size()));
}

// Idle connections of few addresses would keep all others out.
void Connections::MakeRoomFor(const std::string& address, Time now,
                              Said& said) {
  const auto most = std::max_element(
      of_address_.begin(), of_address_.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto own = of_address_.find(address);
  const int own_count = own == of_address_.end() ? 0 : own->second;
  if (most == of_address_.end() || most->second <= own_count + 1) return;
  Open* quietest = QuietestOf(most->first);
  if (quietest != nullptr) End(*quietest, Cut::kMadeRoom, now, said);
}

Connections::Open* Connections::QuietestOf(const std::string& address) {
  Open* quietest = nullptr;
  for (auto& [fd, open] : open_) {
    if (open.cut || open.address != address) continue;
    if (quietest == nullptr || open.quiet_since < quietest->quiet_since) {
      quietest = &open;
    }
  }
  return quietest;
}

void Connections::Handed(const TcpConnection& connection) {
  absl::MutexLock lock(&mutex_);
  const auto at = open_.find(connection.fd);
  // It may be closed, and its number another's.
  if (at == open_.end()) return;
  if (at->second.connection.cookie != connection.cookie) return;
  at->second.handing_since.reset();
}

void Connections::Missed() {
  Said said;
  Refuse(NoRoom::kDescriptors, "", said);
  Say(said);
}

void Connections::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

void Connections::Refuse(NoRoom why, std::string address, Said& said) {
  meters_.refused[static_cast<size_t>(why)].Add();
  said.push_back({.event = "connection_refused",
                  .address = std::move(address),
                  .why = NoRoomName(why)});
}

void Connections::Say(const Said& said) const {
  if (!on_turned_away_) return;
  for (const TurnedAway& turned_away : said) on_turned_away_(turned_away);
}

void Connections::Forget(const Open& open) {
  const auto at = of_address_.find(open.address);
  if (--at->second == 0) of_address_.erase(at);
  if (open.cut) --cut_but_open_;
}

void Connections::Count(Time now) {
  for (auto at = open_.begin(); at != open_.end();) {
    Open& open = at->second;
    const auto traffic = TrafficOf(open.connection);
    if (!traffic) {
      Forget(open);
      open_.erase(at++);
      continue;
    }
    open.unanswered.Update(*traffic);
    if (!(*traffic == open.traffic)) open.quiet_since = now;
    open.traffic = *traffic;
    ++at;
  }
  meters_.open.Set(static_cast<int64_t>(open_.size()));
}

bool Connections::End(Open& open, Cut why, Time now, Said& said) {
  if (!ShutDown(open.connection)) return false;
  open.cut = true;
  ++cut_but_open_;
  // Who was only quiet may come again.
  if (why != Cut::kMadeRoom) refusals_.Add(open.address, now);
  meters_.cut[static_cast<size_t>(why)].Add();
  said.push_back({.event = "connection_cut",
                  .address = open.address,
                  .why = CutName(why)});
  return true;
}

std::vector<Connections::Open*> Connections::NotCut() {
  std::vector<Open*> found;
  for (auto& [fd, open] : open_) {
    if (!open.cut) found.push_back(&open);
  }
  return found;
}

bool Connections::IsInTheWay(const Open& open, Time now) const {
  if (!open.handing_since) return false;
  const auto handing = now - *open.handing_since;
  if (closed_) return handing > kHandingMaxAtTheEnd;
  return handing > kHandingMax && open.traffic.received > kHandingBytesMax;
}

bool Connections::EndThoseInTheWay(Time now, Said& said) {
  bool ended = false;
  for (Open* open : NotCut()) {
    if (!IsInTheWay(*open, now)) continue;
    ended = End(*open, Cut::kInTheWay, now, said) || ended;
  }
  return ended;
}

// Ending connections helps only where what they have unanswered may fill the
// memory, unless it stays very short long after the last was ended.
bool Connections::EndWhoFillsMemory(Memory memory, Time now, Said& said) {
  const std::vector<Open*> asked = NotCut();
  std::vector<int64_t> unanswered_bytes;
  std::vector<int64_t> kept_bytes;
  for (const Open* open : asked) {
    unanswered_bytes.push_back(open->unanswered.bytes());
    kept_bytes.push_back(open->traffic.kept());
  }
  const bool may_fill = MayFillMemory(unanswered_bytes, bounds_);
  std::vector<CutOrder> orders = WhomToCut(
      unanswered_bytes, may_fill ? memory : Memory::kEnough, bounds_);
  if (orders.empty() && memory == Memory::kVeryShort &&
      now - cut_last_ > kFreedAfter) {
    orders = WhomToCutAtLast(kept_bytes);
  }
  bool ended = false;
  for (const CutOrder& order : orders) {
    ended = End(*asked[order.connection], order.why, now, said) || ended;
  }
  return ended;
}

bool Connections::Look() {
  const Time now = steady_clock::now();
  // What is in RAM includes what malloc keeps for later, until it is given
  // back. malloc could tell, but waits for whoever allocates: for seconds, in a
  // flood.
  const Memory memory = MemoryOf(ResidentBytes(), bounds_);
  Said said;
  bool ended = false;
  {
    absl::MutexLock lock(&mutex_);
    refusals_.Forget(now);
    Count(now);
    ended = EndThoseInTheWay(now, said);
    ended = EndWhoFillsMemory(memory, now, said) || ended;
    if (ended) cut_last_ = now;
  }
  Say(said);
  return ended || memory != Memory::kEnough;
}

}  // namespace budget
