#include "budget/reservation_id.h"

#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace budget {

std::string NewReservationId() {
  static thread_local absl::BitGen random;
  const uint64_t ms = absl::ToUnixMillis(absl::Now()) & 0xffffffffffff;
  const uint64_t a = absl::Uniform<uint64_t>(random);
  const uint64_t b = absl::Uniform<uint64_t>(random);
  return absl::StrFormat("%08x-%04x-7%03x-%04x-%012x", ms >> 16, ms & 0xffff,
                         a & 0xfff, 0x8000 | ((b >> 48) & 0x3fff),
                         b & 0xffffffffffff);
}

}  // namespace budget
