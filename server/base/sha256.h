#ifndef BUDGET_BASE_SHA256_H_
#define BUDGET_BASE_SHA256_H_

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace budget {

using Sha256Digest = std::array<uint8_t, 32>;

// The SHA-256 of `bytes` (FIPS 180-4). Thread-safe.
Sha256Digest Sha256(absl::string_view bytes);

// The bytes of a digest, which must outlive what is returned.
inline absl::string_view BytesOf(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace budget

#endif  // BUDGET_BASE_SHA256_H_
