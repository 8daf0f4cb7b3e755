#include "server/rpc/manage_access.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/rpc/error.h"
#include "server/rpc/field_error.h"
#include "server/rpc/page.h"
#include "server/rpc/parse_field.h"
#include "server/rpc/time.h"

namespace budget {
namespace {

constexpr DurationRule kTtlRule = {.min = absl::Seconds(1),
                                   .max = absl::Hours(24 * 3660)};

// The check of a value, as an error of its field.
absl::Status OfField(absl::string_view field, const absl::Status& status) {
  return status.ok() ? status : FieldError(field, status.message());
}

absl::Status ParseRole(absl::string_view field, v1::Role role, Role& out) {
  if (!v1::Role_IsValid(role) || role == v1::ROLE_UNSPECIFIED) {
    return FieldError(field, absl::StrCat("is ", role,
                                          ", which names no role; give "
                                          "gateway, viewer, admin or "
                                          "auditor"));
  }
  out = static_cast<Role>(role);
  return absl::OkStatus();
}

absl::Status ParseGrant(const v1::Grant& grant, Grant& out) {
  BUDGET_RETURN_IF_ERROR(
      OfField("principal", CheckPrincipal(grant.principal())));
  BUDGET_RETURN_IF_ERROR(ParseRole("role", grant.role(), out.role));
  BUDGET_RETURN_IF_ERROR(OfField("subtree", CheckSubtree(grant.subtree())));
  out.principal = grant.principal();
  out.subtree = grant.subtree();
  return absl::OkStatus();
}

absl::Status ParseToken(const v1::CreateTokenRequest& request,
                        std::vector<AccessChange>& out) {
  AddToken token{.minted = MintToken(),
                 .principal = request.principal(),
                 .subtree = request.subtree()};
  BUDGET_RETURN_IF_ERROR(
      OfField("principal", CheckTokenPrincipal(token.principal)));
  BUDGET_RETURN_IF_ERROR(OfField("subtree", CheckSubtree(token.subtree)));
  if (request.has_ttl()) {
    BUDGET_RETURN_IF_ERROR(
        ParseDuration("ttl", request.ttl(), kTtlRule, token.ttl.emplace()));
  }
  if (request.role() != v1::ROLE_UNSPECIFIED) {
    AddGrant grant{{.principal = token.principal, .subtree = token.subtree}};
    BUDGET_RETURN_IF_ERROR(ParseRole("role", request.role(), grant.grant.role));
    out.push_back(std::move(grant));
  }
  out.push_back(std::move(token));
  return absl::OkStatus();
}

Refusal TokenNotFound(absl::string_view id) {
  return {.reason = Reason::kTokenNotFound,
          .message = absl::StrCat("there is no token ", id,
                                  "; budgetctl token list shows the ids"),
          .subject = std::string(id)};
}

void ToProto(const TokenRecord& token, v1::Token& out) {
  out.set_token_id(token.id);
  out.set_principal(token.principal);
  out.set_subtree(token.subtree);
  budget::ToProto(token.created_at, *out.mutable_create_time());
  out.set_created_by(token.created_by);
  if (token.expires_at) {
    budget::ToProto(*token.expires_at, *out.mutable_expire_time());
  }
  if (token.revoked_at) {
    budget::ToProto(*token.revoked_at, *out.mutable_revoke_time());
  }
}

void ToProto(const Grant& grant, v1::Grant& out) {
  out.set_principal(grant.principal);
  out.set_role(static_cast<v1::Role>(grant.role));
  out.set_subtree(grant.subtree);
}

void ToProto(const AccessLogEntry& entry, v1::AccessChange& out) {
  out.set_sequence(entry.sequence);
  budget::ToProto(entry.at, *out.mutable_time());
  out.set_actor(entry.actor);
  out.set_kind(static_cast<v1::AccessChangeKind>(entry.kind));
  out.set_principal(entry.principal);
  out.set_subtree(entry.subtree);
  out.set_from(entry.from);
  out.set_to(entry.to);
}

// In force here at once. That it could not be read again is no failure of the
// change: the next look will.
std::optional<Refusal> Apply(const Manager& manager,
                             const std::vector<AccessChange>& changes) {
  const absl::Status status = manager.store.Apply(changes, manager.actor);
  if (!status.ok()) return RefusalOf(status);
  if (manager.directory != nullptr) (void)manager.directory->Refresh();
  return std::nullopt;
}

// A token that the caller may know of.
std::optional<Refusal> Find(const Manager& manager, absl::string_view id,
                            TokenRecord& out) {
  absl::StatusOr<AccessRecords> records = manager.store.ReadAll();
  if (!records.ok()) return RefusalOf(records.status());
  for (TokenRecord& token : records->tokens) {
    if (token.id != id || !manager.pass.Covers(token.subtree)) continue;
    out = std::move(token);
    return std::nullopt;
  }
  return TokenNotFound(id);
}

std::string KeyOf(const TokenRecord& token) { return token.id; }

// Principals and paths have no blanks.
std::string KeyOf(const Grant& grant) {
  return absl::StrCat(grant.principal, " ", static_cast<int>(grant.role), " ",
                      grant.subtree);
}

// One page of `items`, which are sorted by their keys. Only what may be shown
// has a part in it, in the token too.
template <typename Item, typename Request, typename Response, typename List>
std::optional<Refusal> AnswerPage(const Manager& manager,
                                  const std::vector<Item>& items,
                                  const Request& request, Response& out,
                                  List* list) {
  int size = 0;
  std::string cursor;
  const absl::Status parsed = ParsePage(request, size, cursor);
  if (!parsed.ok()) return RefusalOf(parsed);
  const std::string& principal = request.principal();
  std::string last;
  for (const Item& item : items) {
    const std::string key = KeyOf(item);
    if (key <= cursor || !manager.pass.Covers(item.subtree)) continue;
    if (!principal.empty() && item.principal != principal) continue;
    if (list->size() == size) {
      out.set_next_page_token(MakePageToken(ArgumentsOf(request), last));
      break;
    }
    ToProto(item, *list->Add());
    last = key;
  }
  return std::nullopt;
}

std::optional<Refusal> ChangeGrant(const Manager& manager,
                                   const v1::Grant& grant, auto change) {
  const absl::Status parsed = Within("grant", ParseGrant(grant, change.grant));
  if (!parsed.ok()) return RefusalOf(parsed);
  return Apply(manager, {std::move(change)});
}

}  // namespace

std::optional<Refusal> Answer(const Manager& manager,
                              const v1::CreateTokenRequest& request,
                              v1::CreateTokenResponse& out) {
  std::vector<AccessChange> changes;
  const absl::Status parsed = ParseToken(request, changes);
  if (!parsed.ok()) return RefusalOf(parsed);
  if (auto refusal = Apply(manager, changes)) return refusal;
  const MintedToken& minted = std::get<AddToken>(changes.back()).minted;
  TokenRecord token;
  if (auto refusal = Find(manager, minted.id, token)) return refusal;
  out.set_secret(minted.text);
  ToProto(token, *out.mutable_token());
  return std::nullopt;
}

std::optional<Refusal> Answer(const Manager& manager,
                              const v1::ListTokensRequest& request,
                              v1::ListTokensResponse& out) {
  const absl::StatusOr<AccessRecords> records = manager.store.ReadAll();
  if (!records.ok()) return RefusalOf(records.status());
  return AnswerPage(manager, records->tokens, request, out,
                    out.mutable_tokens());
}

std::optional<Refusal> Answer(const Manager& manager,
                              const v1::RevokeTokenRequest& request,
                              v1::RevokeTokenResponse& out) {
  TokenRecord token;
  if (auto refusal = Find(manager, request.token_id(), token)) return refusal;
  if (auto refusal = Apply(manager, {RevokeToken{token.id}})) return refusal;
  if (auto refusal = Find(manager, token.id, token)) return refusal;
  ToProto(token, *out.mutable_token());
  return std::nullopt;
}

std::optional<Refusal> Answer(const Manager& manager,
                              const v1::AddGrantRequest& request,
                              v1::AddGrantResponse&) {
  return ChangeGrant(manager, request.grant(), AddGrant());
}

std::optional<Refusal> Answer(const Manager& manager,
                              const v1::RemoveGrantRequest& request,
                              v1::RemoveGrantResponse&) {
  return ChangeGrant(manager, request.grant(), RemoveGrant());
}

std::optional<Refusal> Answer(const Manager& manager,
                              const v1::ListGrantsRequest& request,
                              v1::ListGrantsResponse& out) {
  const absl::StatusOr<AccessRecords> records = manager.store.ReadAll();
  if (!records.ok()) return RefusalOf(records.status());
  return AnswerPage(manager, records->grants, request, out,
                    out.mutable_grants());
}

std::optional<Refusal> Answer(const Manager& manager,
                              const v1::ListAccessChangesRequest& request,
                              v1::ListAccessChangesResponse& out) {
  int size = 0;
  std::string cursor;
  absl::Status parsed = ParsePage(request, size, cursor);
  int64_t after = request.after_sequence();
  if (parsed.ok() && after < 0) {
    parsed = FieldError("after_sequence",
                        absl::StrCat("is ", after,
                                     "; give 0 or a sequence number"));
  }
  if (parsed.ok() && !cursor.empty() && !absl::SimpleAtoi(cursor, &after)) {
    parsed = BrokenToken();
  }
  if (!parsed.ok()) return RefusalOf(parsed);
  absl::StatusOr<std::vector<AccessLogEntry>> entries =
      manager.store.ListLog(after, size + 1);
  if (!entries.ok()) return RefusalOf(entries.status());
  const bool more = static_cast<int>(entries->size()) > size;
  if (more) entries->pop_back();
  for (const AccessLogEntry& entry : *entries) {
    if (manager.pass.Covers(entry.subtree)) ToProto(entry, *out.add_changes());
  }
  if (more) {
    out.set_next_page_token(
        MakePageToken(ArgumentsOf(request),
                      absl::StrCat(entries->back().sequence)));
  }
  return std::nullopt;
}

}  // namespace budget
