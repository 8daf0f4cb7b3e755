#include "server/access/access_store.h"

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

constexpr char kNone[] = "none";

std::string Text(const Grant& grant) {
  return absl::StrCat("role ", RoleName(grant.role), " in ", grant.subtree);
}

std::string Text(absl::string_view id, std::optional<absl::Time> expires_at) {
  return absl::StrCat(
      "token ", id, " good ",
      expires_at ? absl::StrCat("until ", absl::FormatTime(
                                              *expires_at, absl::UTCTimeZone()))
                 : "until revoked");
}

}  // namespace

AccessLogText TextOf(const AddToken& change,
                     std::optional<absl::Time> expires_at) {
  return {.kind = AccessChangeKind::kCreateToken,
          .principal = change.principal,
          .subtree = change.subtree,
          .from = kNone,
          .to = Text(change.minted.id, expires_at)};
}

AccessLogText TextOf(const TokenRecord& revoked) {
  return {.kind = AccessChangeKind::kRevokeToken,
          .principal = revoked.principal,
          .subtree = revoked.subtree,
          .from = Text(revoked.id, revoked.expires_at),
          .to = absl::StrCat("token ", revoked.id, " revoked")};
}

AccessLogText TextOf(const AddGrant& change) {
  return {.kind = AccessChangeKind::kAddGrant,
          .principal = change.grant.principal,
          .subtree = change.grant.subtree,
          .from = kNone,
          .to = Text(change.grant)};
}

AccessLogText TextOf(const RemoveGrant& change) {
  return {.kind = AccessChangeKind::kRemoveGrant,
          .principal = change.grant.principal,
          .subtree = change.grant.subtree,
          .from = Text(change.grant),
          .to = kNone};
}

}  // namespace budget
