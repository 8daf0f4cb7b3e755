#include "server/store/postgres/seals_seen.h"

#include <cstddef>

namespace budget {
namespace {

constexpr size_t kRootsMax = 100'000;

}  // namespace

void SealsSeen::Note(absl::string_view root, const Seen& seen) {
  absl::MutexLock lock(&mutex_);
  const auto known = seen_.find(root);
  if (known != seen_.end()) {
    known->second = seen;
    return;
  }
  if (seen_.size() == kRootsMax) seen_.erase(seen_.begin());
  seen_.emplace(root, seen);
}

std::optional<SealsSeen::Seen> SealsSeen::Of(absl::string_view root) const {
  absl::MutexLock lock(&mutex_);
  const auto known = seen_.find(root);
  if (known == seen_.end()) return std::nullopt;
  return known->second;
}

void SealsSeen::Forget() {
  absl::MutexLock lock(&mutex_);
  seen_.clear();
}

}  // namespace budget
