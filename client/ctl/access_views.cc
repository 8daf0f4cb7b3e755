#include "client/ctl/access_views.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/ctl/table.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

constexpr char kMoment[] = "%Y-%m-%d %H:%M:%S";

std::string MomentText(const google::protobuf::Timestamp& time,
                       const absl::TimeZone& zone) {
  return absl::FormatTime(kMoment, TimeOf(time), zone);
}

std::string StateOf(const v1::Token& token, absl::Time now) {
  if (token.has_revoke_time()) return "revoked";
  const bool expired =
      token.has_expire_time() && TimeOf(token.expire_time()) <= now;
  return expired ? "expired" : "good";
}

std::string KindText(v1::AccessChangeKind kind) {
  absl::string_view name = v1::AccessChangeKind_Name(kind);
  absl::ConsumePrefix(&name, "ACCESS_CHANGE_KIND_");
  return absl::AsciiStrToLower(name);
}

}  // namespace

std::string RoleText(v1::Role role) {
  absl::string_view name = v1::Role_Name(role);
  absl::ConsumePrefix(&name, "ROLE_");
  return absl::AsciiStrToLower(name);
}

absl::StatusOr<v1::Role> ParseRole(absl::string_view text) {
  for (const v1::Role role : {v1::ROLE_GATEWAY, v1::ROLE_VIEWER, v1::ROLE_ADMIN,
                              v1::ROLE_AUDITOR}) {
    if (RoleText(role) == text) return role;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("role \"", text,
                   "\" is unknown; write gateway, viewer, admin or auditor"));
}

std::string RenderNewToken(const v1::CreateTokenResponse& answer,
                           const absl::TimeZone& zone) {
  const v1::Token& token = answer.token();
  return absl::StrCat(
      answer.secret(), "\n  token     ", token.token_id(), " of ",
      token.principal(), ", good in ", token.subtree(), "\n  expires   ",
      token.has_expire_time() ? MomentText(token.expire_time(), zone) : "never",
      "\n  keep it now: it is not shown again\n");
}

std::string RenderTokens(const std::vector<v1::Token>& tokens, absl::Time now,
                         const absl::TimeZone& zone) {
  Table table({"TOKEN", "PRINCIPAL", "SUBTREE", "STATE", "EXPIRES", "MADE",
               "BY"});
  for (const v1::Token& token : tokens) {
    table.AddRow(
        {token.token_id(), token.principal(), token.subtree(),
         StateOf(token, now),
         token.has_expire_time() ? MomentText(token.expire_time(), zone)
                                 : "never",
         MomentText(token.create_time(), zone), token.created_by()});
  }
  return table.empty() ? "no tokens\n" : table.ToString();
}

std::string RenderGrants(const std::vector<v1::Grant>& grants) {
  Table table({"PRINCIPAL", "ROLE", "SUBTREE"});
  for (const v1::Grant& grant : grants) {
    table.AddRow({grant.principal(), RoleText(grant.role()), grant.subtree()});
  }
  return table.empty() ? "no grants\n" : table.ToString();
}

std::string RenderAccessChanges(const std::vector<v1::AccessChange>& changes,
                                const absl::TimeZone& zone) {
  Table table({"#>", "TIME", "WHAT", "PRINCIPAL", "FROM", "TO", "BY"});
  for (const v1::AccessChange& change : changes) {
    table.AddRow({absl::StrCat(change.sequence()),
                  MomentText(change.time(), zone), KindText(change.kind()),
                  change.principal(), change.from(), change.to(),
                  change.actor()});
  }
  return table.empty() ? "no changes\n" : table.ToString();
}

}  // namespace budget
