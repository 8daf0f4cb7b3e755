#include <algorithm>

#include "tests/bench/wire_tape.h"

namespace budget::bench {

void MessageScanner::Feed(absl::string_view bytes,
                          absl::FunctionRef<void(char type)> on_message) {
  while (!bytes.empty()) {
    if (rest_ > 0) {
      const size_t part = std::min(rest_, bytes.size());
      bytes.remove_prefix(part);
      rest_ -= part;
      continue;
    }
    const size_t wanted = at_startup_ ? 4 : 5;
    const size_t part = std::min(wanted - header_.size(), bytes.size());
    header_.append(bytes.data(), part);
    bytes.remove_prefix(part);
    if (header_.size() < wanted) return;
    uint32_t length = 0;  // of itself and what follows
    for (size_t i = wanted - 4; i < wanted; ++i) {
      length = length << 8 | static_cast<unsigned char>(header_[i]);
    }
    rest_ = length - 4;
    on_message(at_startup_ ? '\0' : header_[0]);
    at_startup_ = false;
    header_.clear();
  }
}

}  // namespace budget::bench
