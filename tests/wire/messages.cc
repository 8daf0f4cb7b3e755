#include "tests/wire/messages.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace budget::wire {
namespace {

constexpr uint32_t kLengthBytes = 4;

uint32_t BigEndian(absl::string_view bytes) {
  uint32_t number = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

// The text up to the next zero byte, which is taken off `bytes`.
absl::string_view TakeText(absl::string_view& bytes) {
  const size_t end = bytes.find('\0');
  if (end == absl::string_view::npos) {
    bytes = {};
    return {};
  }
  const absl::string_view text = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return text;
}

}  // namespace

absl::string_view FirstMessage(absl::string_view bytes, Framing framing) {
  const size_t head = framing == Framing::kTyped ? 1 : 0;
  if (bytes.size() < head + kLengthBytes) return {};
  const uint32_t length = BigEndian(bytes.substr(head));  // of itself too
  const size_t size = head + std::max(length, kLengthBytes);
  return bytes.size() < size ? absl::string_view() : bytes.substr(0, size);
}

bool BindsStatement(absl::string_view message, absl::string_view name) {
  if (message.empty() || message[0] != 'B') return false;
  absl::string_view body = message.substr(1 + kLengthBytes);
  TakeText(body);  // the portal
  return TakeText(body) == name;
}

bool IsSync(absl::string_view message) {
  return !message.empty() && message[0] == 'S';
}

bool SaysCommitted(absl::string_view message) {
  if (message.empty() || message[0] != 'C') return false;
  absl::string_view body = message.substr(1 + kLengthBytes);
  return TakeText(body) == "COMMIT";
}

}  // namespace budget::wire
