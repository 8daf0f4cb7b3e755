#ifndef BUDGET_RPC_CONNECTION_BOUNDS_H_
#define BUDGET_RPC_CONNECTION_BOUNDS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace budget {

// How much room connections may take. A message has 16 MiB at most.
struct ConnectionBounds {
  int connections_max = 4000;
  int per_address_max = 2000;
  // Of one connection, and of all of them.
  int64_t unanswered_bytes_max = int64_t{64} << 20;
  int64_t unanswered_bytes_total_max = int64_t{256} << 20;
  // Of the process. Above it, those go first that have most unanswered. gRPC
  // copies what fields it has when they go: for a moment it is thrice as much.
  int64_t memory_bytes_max = int64_t{320} << 20;
  // For how long an address is refused at most after a connection of it was
  // cut (refusals.h). Zero: not at all.
  std::chrono::seconds refusal_max = std::chrono::seconds(60);
};

// Why a connection is not taken.
enum class NoRoom { kFull, kAddress, kCutLately, kDescriptors };
inline constexpr size_t kNoRoomKinds = 4;

// Why a connection is ended: what it has unanswered, what all have together,
// because memory is short, because it keeps new ones waiting, or because it
// was quiet and there was no room for others.
enum class Cut { kUnanswered, kTogether, kMemory, kInTheWay, kMadeRoom };
inline constexpr size_t kCutKinds = 5;

// As metrics and log lines spell them.
const char* NoRoomName(NoRoom refusal);
const char* CutName(Cut cut);

// Whether a connection of an address was cut a moment ago.
enum class Past { kNone, kCutLately };

// Of how many there are, and how many of them from the same address.
struct Crowd {
  int open = 0;
  int of_address = 0;
  Past past = Past::kNone;
};

// For whom it is only full, others make room: not for whoever was cut.
std::optional<NoRoom> WhyRefuse(const Crowd& crowd,
                                 const ConnectionBounds& bounds);

// Bytes that a connection has carried in its life.
struct Traffic {
  int64_t received = 0;
  int64_t sent = 0;

  // What it has brought and was not given, at the most.
  int64_t kept() const { return received - sent; }
  bool operator==(const Traffic& other) const {
    return received == other.received && sent == other.sent;
  }
};

// What came in on a connection and was not answered. A client of ours gets an
// answer to each call: some 200 bytes for a reservation, whose metadata have
// 8 KB at most. Who has a call's headers go on for ever, or never ends its
// messages, gets none, and what it sends is kept: whatever is counted here may
// be in memory. Not all of memory is counted here: a client that has answers
// sent to it that cost nothing, as those to settings do, hides what it keeps.
class Unanswered {
 public:
  // How many bytes one byte of ours makes up for.
  static constexpr int64_t kAnswerWorth = 64;

  // `traffic` has only grown since the last time.
  void Update(const Traffic& traffic);

  int64_t bytes() const { return bytes_; }

 private:
  Traffic last_;
  int64_t bytes_ = 0;
};

// Whether what all have unanswered may take half of the memory there is. Where
// it is short for another reason, ending connections would not help.
bool MayFillMemory(absl::Span<const int64_t> unanswered_bytes,
                   const ConnectionBounds& bounds);

struct CutOrder {
  size_t connection;  // its place among those asked about
  Cut why;
};

// Very short: twice the bound.
enum class Memory { kEnough, kShort, kVeryShort };

Memory MemoryOf(int64_t resident_bytes, const ConnectionBounds& bounds);

// Which connections are to be ended, by what each has unanswered. While memory
// is short, also those that have at least half as much as the greatest of all,
// and more than a call has unless there are so many that calls fill the memory:
// a few rounds of it find whoever fills it, one or many.
std::vector<CutOrder> WhomToCut(absl::Span<const int64_t> unanswered_bytes,
                                Memory memory, const ConnectionBounds& bounds);

// The same where memory stays very short although nobody has much unanswered:
// those that have at least half as much as the greatest of Traffic::kept().
std::vector<CutOrder> WhomToCutAtLast(absl::Span<const int64_t> kept_bytes);

}  // namespace budget

#endif  // BUDGET_RPC_CONNECTION_BOUNDS_H_
