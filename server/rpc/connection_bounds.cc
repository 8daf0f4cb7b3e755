#include "server/rpc/connection_bounds.h"

#include <algorithm>
#include <numeric>

namespace budget {
namespace {

// As much memory may a byte of header fields take.
constexpr int64_t kMemoryOfAByte = 64;
// A single operation is smaller.
constexpr int64_t kCallBytes = 4096;

int64_t Sum(absl::Span<const int64_t> bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), int64_t{0});
}

// What each may have unanswered while memory is short.
int64_t SparedBytes(size_t connections, const ConnectionBounds& bounds) {
  const int64_t calls = static_cast<int64_t>(connections) * kCallBytes;
  const bool fills = calls * kMemoryOfAByte >= bounds.memory_bytes_max / 2;
  return fills ? 0 : kCallBytes;
}

std::vector<size_t> GreatestFirst(absl::Span<const int64_t> bytes) {
  std::vector<size_t> order(bytes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return bytes[a] > bytes[b]; });
  return order;
}

}  // namespace

const char* NoRoomName(NoRoom refusal) {
  switch (refusal) {
    case NoRoom::kFull:
      return "full";
    case NoRoom::kAddress:
      return "address";
    case NoRoom::kCutLately:
      return "cut_lately";
    case NoRoom::kDescriptors:
      return "descriptors";
  }
  return "";
}

const char* CutName(Cut cut) {
  switch (cut) {
    case Cut::kUnanswered:
      return "unanswered";
    case Cut::kTogether:
      return "together";
    case Cut::kMemory:
      return "memory";
    case Cut::kInTheWay:
      return "in_the_way";
    case Cut::kMadeRoom:
      return "made_room";
  }
  return "";
}

std::optional<NoRoom> WhyRefuse(const Crowd& crowd,
                                 const ConnectionBounds& bounds) {
  if (crowd.past == Past::kCutLately) return NoRoom::kCutLately;
  if (crowd.open >= bounds.connections_max) return NoRoom::kFull;
  if (crowd.of_address >= bounds.per_address_max) return NoRoom::kAddress;
  return std::nullopt;
}

void Unanswered::Update(const Traffic& traffic) {
  const int64_t received = traffic.received - last_.received;
  const int64_t sent = traffic.sent - last_.sent;
  bytes_ = std::max(int64_t{0}, bytes_ + received - kAnswerWorth * sent);
  last_ = traffic;
}

bool MayFillMemory(absl::Span<const int64_t> unanswered_bytes,
                   const ConnectionBounds& bounds) {
  return Sum(unanswered_bytes) * kMemoryOfAByte >= bounds.memory_bytes_max / 2;
}

Memory MemoryOf(int64_t resident_bytes, const ConnectionBounds& bounds) {
  if (resident_bytes > 2 * bounds.memory_bytes_max) return Memory::kVeryShort;
  if (resident_bytes > bounds.memory_bytes_max) return Memory::kShort;
  return Memory::kEnough;
}

std::vector<CutOrder> WhomToCut(absl::Span<const int64_t> unanswered_bytes,
                                Memory memory,
                                const ConnectionBounds& bounds) {
  std::vector<CutOrder> orders;
  if (unanswered_bytes.empty()) return orders;
  int64_t together = Sum(unanswered_bytes);
  const std::vector<size_t> order = GreatestFirst(unanswered_bytes);
  const int64_t greatest = unanswered_bytes[order[0]];
  const int64_t spared = SparedBytes(unanswered_bytes.size(), bounds);
  for (size_t at : order) {
    const int64_t bytes = unanswered_bytes[at];
    if (bytes > bounds.unanswered_bytes_max) {
      orders.push_back({at, Cut::kUnanswered});
    } else if (together > bounds.unanswered_bytes_total_max) {
      orders.push_back({at, Cut::kTogether});
    } else if (memory != Memory::kEnough && bytes > spared &&
               bytes >= greatest / 2) {
      orders.push_back({at, Cut::kMemory});
    } else {
      break;
    }
    together -= bytes;
  }
  return orders;
}

std::vector<CutOrder> WhomToCutAtLast(absl::Span<const int64_t> kept_bytes) {
  std::vector<CutOrder> orders;
  if (kept_bytes.empty()) return orders;
  const int64_t greatest =
      *std::max_element(kept_bytes.begin(), kept_bytes.end());
  for (size_t i = 0; i < kept_bytes.size(); ++i) {
    if (kept_bytes[i] <= 0 || kept_bytes[i] < greatest / 2) continue;
    orders.push_back({i, Cut::kMemory});
  }
  return orders;
}

}  // namespace budget
