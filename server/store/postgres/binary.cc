#include "server/store/postgres/binary.h"

#include <endian.h>

#include <cstring>
#include <limits>
#include <stdexcept>

namespace budget::binary {
namespace {

// 2000-01-01T00:00:00Z.
constexpr int64_t kEpochUnixMicros = 946'684'800'000'000;
constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
constexpr int64_t kMinusInfinity = std::numeric_limits<int64_t>::min();

template <typename T>
void Append(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
T Load(absl::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

[[noreturn]] void Malformed() {
  throw std::runtime_error("a field is not of the expected form");
}

}  // namespace

void PutInt2(int16_t value, std::string& out) {
  Append(htobe16(static_cast<uint16_t>(value)), out);
}

void PutInt4(int32_t value, std::string& out) {
  Append(htobe32(static_cast<uint32_t>(value)), out);
}

void PutInt8(int64_t value, std::string& out) {
  Append(htobe64(static_cast<uint64_t>(value)), out);
}

void SetInt4(size_t at, int32_t value, std::string& out) {
  const uint32_t bytes = htobe32(static_cast<uint32_t>(value));
  out.replace(at, sizeof(bytes), reinterpret_cast<const char*>(&bytes),
              sizeof(bytes));
}

int64_t ToInt(absl::string_view bytes) {
  switch (bytes.size()) {
    case 1:
      return static_cast<int8_t>(bytes[0]);
    case 2:
      return static_cast<int16_t>(be16toh(Load<uint16_t>(bytes)));
    case 4:
      return static_cast<int32_t>(be32toh(Load<uint32_t>(bytes)));
    case 8:
      return static_cast<int64_t>(be64toh(Load<uint64_t>(bytes)));
    default:
      Malformed();
  }
}

int32_t TakeInt4(absl::string_view& bytes) {
  if (bytes.size() < 4) Malformed();
  const int64_t value = ToInt(bytes.substr(0, 4));
  bytes.remove_prefix(4);
  return static_cast<int32_t>(value);
}

int64_t FromTime(absl::Time time) {
  if (time == absl::InfiniteFuture()) return kInfinity;
  if (time == absl::InfinitePast()) return kMinusInfinity;
  return absl::ToUnixMicros(time) - kEpochUnixMicros;
}

absl::Time ToTime(int64_t micros) {
  if (micros == kInfinity) return absl::InfiniteFuture();
  if (micros == kMinusInfinity) return absl::InfinitePast();
  return absl::FromUnixMicros(micros + kEpochUnixMicros);
}

}  // namespace budget::binary
