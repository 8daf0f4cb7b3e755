#ifndef BUDGET_BASE_UUID_H_
#define BUDGET_BASE_UUID_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace budget {

// A 128-bit identifier in the layout of RFC 9562. Ordered by its bytes, so
// version 7 ids order by the time in them. A plain value.
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  // Reads the 8-4-4-4-12 form in either case; nullopt for anything else.
  static std::optional<Uuid> Parse(absl::string_view text);

  // Makes a version 7 id for `now` whose other 74 bits come from `random`.
  static Uuid Version7(absl::Time now, std::pair<uint64_t, uint64_t> random);

  // The canonical lower-case form.
  std::string ToString() const;

  int Version() const { return bytes[6] >> 4; }

  // The time in a version 7 id, to the millisecond; nullopt for others.
  std::optional<absl::Time> Time() const;

  friend bool operator==(const Uuid&, const Uuid&) = default;
  // NOLINTNEXTLINE(modernize-use-nullptr): what the compiler makes of it
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Uuid& id) {
    return H::combine(std::move(h), id.bytes);
  }
};

}  // namespace budget

#endif  // BUDGET_BASE_UUID_H_
