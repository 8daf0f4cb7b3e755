#include "server/base/uuid.h"

#include "absl/strings/ascii.h"

namespace budget {
namespace {

constexpr int kVersion7 = 7;
constexpr std::array<int, 4> kHyphens = {8, 13, 18, 23};

void PutBigEndian(uint64_t value, int count, uint8_t* out) {
  for (int i = count - 1; i >= 0; --i, value >>= 8) out[i] = value & 0xff;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = absl::ascii_tolower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::optional<Uuid> Uuid::Parse(absl::string_view text) {
  if (text.size() != 36) return std::nullopt;
  for (int at : kHyphens) {
    if (text[at] != '-') return std::nullopt;
  }
  Uuid id;
  int digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) continue;
    const int digit = HexDigit(text[i]);
    if (digit < 0) return std::nullopt;
    uint8_t& byte = id.bytes[digits / 2];
    byte = static_cast<uint8_t>(byte << 4 | digit);
    ++digits;
  }
  return id;
}

Uuid Uuid::Version7(absl::Time now, std::pair<uint64_t, uint64_t> random) {
  Uuid id;
  PutBigEndian(absl::ToUnixMillis(now), 6, id.bytes.data());
  PutBigEndian(random.first, 2, id.bytes.data() + 6);
  PutBigEndian(random.second, 8, id.bytes.data() + 8);
  id.bytes[6] = (id.bytes[6] & 0x0f) | (kVersion7 << 4);
  id.bytes[8] = (id.bytes[8] & 0x3f) | 0x80;
  return id;
}

std::string Uuid::ToString() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(36, '-');
  size_t at = 0;
  for (int i = 0; i < 16; ++i) {
    if (text.size() > at && (at == 8 || at == 13 || at == 18 || at == 23)) ++at;
    text[at++] = kDigits[bytes[i] >> 4];
    text[at++] = kDigits[bytes[i] & 0xf];
  }
  return text;
}

std::optional<absl::Time> Uuid::Time() const {
  if (Version() != kVersion7) return std::nullopt;
  int64_t millis = 0;
  for (int i = 0; i < 6; ++i) millis = millis << 8 | bytes[i];
  return absl::FromUnixMillis(millis);
}

}  // namespace budget
