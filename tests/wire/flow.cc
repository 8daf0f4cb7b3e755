#include "tests/wire/flow.h"

#include <sys/socket.h>

#include <algorithm>

namespace budget::wire {
namespace {

constexpr size_t kFullBytes = 4 << 20;

bool SendAll(int socket, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

void Flow::Put(absl::string_view bytes, const Link& link, absl::Time now) {
  if (bytes.empty()) return;
  absl::Time due = now + link.delay;
  // In order, however the link has changed.
  if (!parcels_.empty()) due = std::max(due, parcels_.back().due);
  if (link.bytes_per_second > 0) {
    due += absl::Seconds(static_cast<double>(bytes.size()) /
                         static_cast<double>(link.bytes_per_second));
  }
  size_ += bytes.size();
  parcels_.push_back({due, std::string(bytes)});
}

bool Flow::SendDue(int socket, absl::Time now) {
  while (!parcels_.empty() && parcels_.front().due <= now) {
    if (!SendAll(socket, parcels_.front().bytes)) return false;
    size_ -= parcels_.front().bytes.size();
    parcels_.pop_front();
  }
  return true;
}

absl::Time Flow::NextDue() const {
  return parcels_.empty() ? absl::InfiniteFuture() : parcels_.front().due;
}

bool Flow::full() const { return size_ > kFullBytes; }

}  // namespace budget::wire
