#ifndef BUDGET_TESTS_SIM_FINGERPRINT_H_
#define BUDGET_TESTS_SIM_FINGERPRINT_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/uuid.h"
#include "server/domain/amounts.h"

namespace budget::sim {

// A hash of a sequence of values, the same in every process (FNV-1a by words).
class Fingerprint {
 public:
  Fingerprint& Add(uint64_t value) {
    hash_ = (hash_ ^ value) * 0x100000001b3;
    hash_ ^= hash_ >> 29;
    return *this;
  }
  Fingerprint& Add(absl::Time time) {
    return Add(static_cast<uint64_t>(absl::ToUnixMicros(time)));
  }
  Fingerprint& Add(const Amounts& amounts) {
    for (const int64_t amount : amounts.by_unit) {
      Add(static_cast<uint64_t>(amount));
    }
    return *this;
  }
  Fingerprint& Add(const Uuid& id) {
    for (const uint8_t byte : id.bytes) Add(uint64_t{byte});
    return *this;
  }
  Fingerprint& Add(absl::string_view text) {
    for (const char c : text) Add(static_cast<uint64_t>(c));
    return Add(text.size());
  }

  uint64_t value() const { return hash_; }

 private:
  uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_FINGERPRINT_H_
