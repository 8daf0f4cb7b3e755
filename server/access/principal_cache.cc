#include "server/access/principal_cache.h"

#include <utility>

namespace budget {

TokenHash HashOf(absl::string_view token) {
  return Sha256(token);
}

std::optional<std::string> PrincipalCache::Find(const TokenHash& token,
                                                absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_token_.find(token);
  if (found == by_token_.end()) return std::nullopt;
  const Order::iterator at = found->second;
  if (now >= at->second.valid_until) {
    by_token_.erase(found);
    order_.erase(at);
    return std::nullopt;
  }
  order_.splice(order_.begin(), order_, at);
  return at->second.principal;
}

void PrincipalCache::Put(const TokenHash& token, Entry entry) {
  absl::MutexLock lock(&mutex_);
  // Two calls may have verified the same token side by side.
  if (entries_max_ == 0 || by_token_.contains(token)) return;
  if (order_.size() == entries_max_) {
    by_token_.erase(order_.back().first);
    order_.pop_back();
  }
  order_.emplace_front(token, std::move(entry));
  by_token_.emplace(token, order_.begin());
}

size_t PrincipalCache::size() const {
  absl::MutexLock lock(&mutex_);
  return order_.size();
}

}  // namespace budget
