#include "server/store/memory/memory_access_store.h"

#include <optional>
#include <utility>
#include <variant>

namespace budget {

// Makes one change, and says what the log says of it; nullopt where there was
// nothing to change.
class MemoryAccessStore::Change {
 public:
  Change(absl::Time now, absl::string_view actor, std::set<Grant>& grants,
         std::map<std::string, TokenRecord>& tokens)
      : now_(now), actor_(actor), grants_(grants), tokens_(tokens) {}

  std::optional<AccessLogText> operator()(const AddToken& change) {
    TokenRecord token{.id = change.minted.id,
                      .principal = change.principal,
                      .subtree = change.subtree,
                      .secret_hash = change.minted.secret_hash,
                      .created_at = now_,
                      .created_by = std::string(actor_)};
    if (change.ttl) token.expires_at = now_ + *change.ttl;
    const auto [at, added] = tokens_.try_emplace(token.id, token);
    if (!added) return std::nullopt;
    return TextOf(change, token.expires_at);
  }

  std::optional<AccessLogText> operator()(const RevokeToken& change) {
    const auto found = tokens_.find(change.id);
    if (found == tokens_.end() || found->second.revoked_at) return std::nullopt;
    found->second.revoked_at = now_;
    return TextOf(found->second);
  }

  std::optional<AccessLogText> operator()(const AddGrant& change) {
    if (!grants_.insert(change.grant).second) return std::nullopt;
    return TextOf(change);
  }

  std::optional<AccessLogText> operator()(const RemoveGrant& change) {
    if (grants_.erase(change.grant) == 0) return std::nullopt;
    return TextOf(change);
  }

 private:
  const absl::Time now_;
  const absl::string_view actor_;
  std::set<Grant>& grants_;
  std::map<std::string, TokenRecord>& tokens_;
};

AccessHead MemoryAccessStore::Head() const {
  return {.version = static_cast<int64_t>(log_.size()), .read_time = clock_()};
}

absl::StatusOr<AccessHead> MemoryAccessStore::ReadHead() {
  absl::MutexLock lock(&mutex_);
  return Head();
}

absl::StatusOr<AccessRecords> MemoryAccessStore::ReadAll() {
  absl::MutexLock lock(&mutex_);
  AccessRecords records{.head = Head()};
  records.grants.assign(grants_.begin(), grants_.end());
  for (const auto& [id, token] : tokens_) records.tokens.push_back(token);
  return records;
}

absl::Status MemoryAccessStore::Apply(absl::Span<const AccessChange> changes,
                                      absl::string_view actor) {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = clock_();
  Change make(now, actor, grants_, tokens_);
  for (const AccessChange& change : changes) {
    std::optional<AccessLogText> text = std::visit(make, change);
    if (!text) continue;
    log_.push_back({.sequence = static_cast<int64_t>(log_.size()) + 1,
                    .at = now,
                    .actor = std::string(actor),
                    .kind = text->kind,
                    .principal = std::move(text->principal),
                    .subtree = std::move(text->subtree),
                    .from = std::move(text->from),
                    .to = std::move(text->to)});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AccessLogEntry>> MemoryAccessStore::ListLog(
    int64_t sequence, int max) {
  absl::MutexLock lock(&mutex_);
  std::vector<AccessLogEntry> entries;
  for (const AccessLogEntry& entry : log_) {
    if (entry.sequence <= sequence) continue;
    if (static_cast<int>(entries.size()) == max) break;
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace budget
