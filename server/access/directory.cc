#include "server/access/directory.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/access/token.h"

namespace budget {
namespace {

// The same for all that is wrong: who guesses learns nothing.
absl::Status NoSuchToken() {
  return absl::UnauthenticatedError(
      "the bearer token is not valid; make one with budgetctl token create");
}

}  // namespace

Directory::Directory(AccessStore& store, Clock& clock)
    : store_(store),
      clock_(clock),
      contents_(std::make_shared<const Contents>()) {}

absl::Status Directory::Refresh() {
  absl::MutexLock lock(&refresh_mutex_);
  const absl::StatusOr<AccessHead> head = store_.ReadHead();
  if (!head.ok()) return head.status();
  SetClock(head->read_time);
  if (head->version == Get()->version) return absl::OkStatus();
  absl::StatusOr<AccessRecords> records = store_.ReadAll();
  if (!records.ok()) return records.status();
  std::shared_ptr<const Contents> contents = Build(*std::move(records));
  absl::MutexLock put(&mutex_);
  contents_.swap(contents);
  return absl::OkStatus();
}

std::shared_ptr<const Directory::Contents> Directory::Build(
    AccessRecords records) {
  auto contents = std::make_shared<Contents>();
  contents->version = records.head.version;
  absl::flat_hash_map<std::string, std::vector<Grant>> grants;
  for (Grant& grant : records.grants) {
    std::vector<Grant>& own = grants[grant.principal];
    own.push_back(std::move(grant));
  }
  for (const auto& [principal, own] : grants) {
    contents->principals[principal] =
        std::make_shared<const Identity>(principal, own);
  }
  for (TokenRecord& record : records.tokens) {
    auto identity = std::make_shared<const Identity>(
        record, grants[record.principal]);
    const std::string id = record.id;
    contents->tokens[id] = {std::move(record), std::move(identity)};
  }
  return contents;
}

std::shared_ptr<const Directory::Contents> Directory::Get() const {
  absl::ReaderMutexLock lock(&mutex_);
  return contents_;
}

void Directory::SetClock(absl::Time read_time) {
  ahead_micros_ = absl::ToInt64Microseconds(read_time - clock_.Now());
}

absl::Time Directory::Now() const {
  return clock_.Now() + absl::Microseconds(ahead_micros_.load());
}

absl::StatusOr<Recognised> Directory::BearerOf(const Token& token) const {
  const TokenRecord& record = token.record;
  if (record.revoked_at) {
    return absl::UnauthenticatedError(absl::StrCat(
        "token ", record.id, " was revoked; ask for another one"));
  }
  if (Now() < record.expires_at.value_or(absl::InfiniteFuture())) {
    return Recognised{.identity = token.identity};
  }
  return absl::UnauthenticatedError(
      absl::StrCat("token ", record.id, " has expired; ask for another one"));
}

absl::StatusOr<Recognised> Directory::FindByToken(
    absl::string_view token) const {
  const std::optional<TokenText> text = ParseToken(token);
  if (!text) return NoSuchToken();
  const std::shared_ptr<const Contents> contents = Get();
  const auto found = contents->tokens.find(text->id);
  if (found == contents->tokens.end() ||
      !SecretMatches(text->secret, found->second.record.secret_hash)) {
    return NoSuchToken();
  }
  return BearerOf(found->second);
}

std::shared_ptr<const Identity> Directory::FindByPrincipal(
    absl::string_view principal) const {
  const std::shared_ptr<const Contents> contents = Get();
  const auto found = contents->principals.find(principal);
  if (found != contents->principals.end()) return found->second;
  return std::make_shared<const Identity>(std::string(principal),
                                          std::vector<Grant>());
}

absl::StatusOr<Recognised> Directory::FindAgain(
    const Recognised& before) const {
  const Identity& identity = *before.identity;
  if (!identity.token_id().empty()) {
    const std::shared_ptr<const Contents> contents = Get();
    const auto found = contents->tokens.find(identity.token_id());
    if (found == contents->tokens.end()) return NoSuchToken();
    return BearerOf(found->second);
  }
  return Recognised{.identity = FindByPrincipal(identity.principal())};
}

}  // namespace budget
