#include <algorithm>
#include <memory>

#include "absl/time/clock.h"
#include "client/ctl/access_views.h"
#include "client/ctl/amount_text.h"
#include "client/ctl/session.h"

namespace budget {
namespace {

struct AccessFlags {
  std::string principal;
  std::string role;
  std::string subtree;
  std::string ttl;
  std::string token_id;
  int64_t after = 0;
  int max = 1000;
};

absl::Status CreateToken(Session& session, const AccessFlags& flags) {
  v1::CreateTokenRequest request;
  request.set_principal(flags.principal);
  request.set_subtree(flags.subtree);
  if (!flags.role.empty()) {
    const auto role = ParseRole(flags.role);
    if (!role.ok()) return role.status();
    request.set_role(*role);
  }
  if (!flags.ttl.empty()) {
    const auto ttl = ParseDurationText(flags.ttl);
    if (!ttl.ok()) return ttl.status();
    request.mutable_ttl()->set_seconds(absl::ToInt64Seconds(*ttl));
  }
  return session.Show(session.client().CreateToken(request, session.options()),
                      [&](const v1::CreateTokenResponse& answer) {
                        return RenderNewToken(answer, session.zone());
                      });
}

absl::Status RevokeToken(Session& session, const AccessFlags& flags) {
  v1::RevokeTokenRequest request;
  request.set_token_id(flags.token_id);
  return session.Show(session.client().RevokeToken(request, session.options()),
                      [&](const v1::RevokeTokenResponse& answer) {
                        return RenderTokens({answer.token()}, absl::Now(),
                                            session.zone());
                      });
}

absl::Status ListTokens(Session& session, const AccessFlags& flags) {
  v1::ListTokensRequest request;
  request.set_principal(flags.principal);
  v1::ListTokensResponse all;
  do {
    const auto page = session.client().ListTokens(request, session.options());
    if (!page.ok()) return page.status();
    all.mutable_tokens()->MergeFrom(page->tokens());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  session.Print(all, RenderTokens({all.tokens().begin(), all.tokens().end()},
                                  absl::Now(), session.zone()));
  return absl::OkStatus();
}

absl::Status ReadGrant(const AccessFlags& flags, v1::Grant* grant) {
  const auto role = ParseRole(flags.role);
  if (!role.ok()) return role.status();
  grant->set_principal(flags.principal);
  grant->set_role(*role);
  grant->set_subtree(flags.subtree);
  return absl::OkStatus();
}

absl::Status AddGrant(Session& session, const AccessFlags& flags) {
  v1::AddGrantRequest request;
  const absl::Status read = ReadGrant(flags, request.mutable_grant());
  if (!read.ok()) return read;
  return session.Show(session.client().AddGrant(request, session.options()),
                      [&](const v1::AddGrantResponse&) {
                        return RenderGrants({request.grant()});
                      });
}

absl::Status RemoveGrant(Session& session, const AccessFlags& flags) {
  v1::RemoveGrantRequest request;
  const absl::Status read = ReadGrant(flags, request.mutable_grant());
  if (!read.ok()) return read;
  return session.Show(session.client().RemoveGrant(request, session.options()),
                      [](const v1::RemoveGrantResponse&) {
                        return std::string("removed\n");
                      });
}

absl::Status ListGrants(Session& session, const AccessFlags& flags) {
  v1::ListGrantsRequest request;
  request.set_principal(flags.principal);
  v1::ListGrantsResponse all;
  do {
    const auto page = session.client().ListGrants(request, session.options());
    if (!page.ok()) return page.status();
    all.mutable_grants()->MergeFrom(page->grants());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  session.Print(all, RenderGrants({all.grants().begin(), all.grants().end()}));
  return absl::OkStatus();
}

absl::Status ListChanges(Session& session, const AccessFlags& flags) {
  v1::ListAccessChangesRequest request;
  request.set_after_sequence(flags.after);
  request.set_page_size(std::min(1000, flags.max));
  v1::ListAccessChangesResponse all;
  while (all.changes_size() < flags.max) {
    const auto page =
        session.client().ListAccessChanges(request, session.options());
    if (!page.ok()) return page.status();
    all.mutable_changes()->MergeFrom(page->changes());
    all.set_next_page_token(page->next_page_token());
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  KeepFirst(flags.max, all.mutable_changes());
  const auto& changes = all.changes();
  session.Print(all, RenderAccessChanges({changes.begin(), changes.end()},
                                         session.zone()));
  return absl::OkStatus();
}

void AddTokenCommands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("token", "Bearer tokens");
  group->require_subcommand(1);
  group->fallthrough();

  auto made = std::make_shared<AccessFlags>();
  CLI::App* create = session.AddCommand(
      *group, "create", "Make a token and show it, this once",
      [&session, made] { return CreateToken(session, *made); });
  create->add_option("--principal", made->principal,
                     "whom it makes its bearer: a name without a colon")
      ->required();
  create->add_option("--subtree", made->subtree,
                     "where it is good: an allocation with all below it, or *")
      ->required();
  create->add_option("--role", made->role,
                     "grant the principal this role there too: gateway, "
                     "viewer, admin, auditor");
  create->add_option("--ttl", made->ttl,
                     "how long it is good, such as 90d (default: for ever)");

  auto ended = std::make_shared<AccessFlags>();
  session
      .AddCommand(*group, "revoke", "End a token for good",
                  [&session, ended] { return RevokeToken(session, *ended); })
      ->add_option("token", ended->token_id, "its id, as token list shows it")
      ->required();

  auto shown = std::make_shared<AccessFlags>();
  session
      .AddCommand(*group, "list", "The tokens, without their secrets",
                  [&session, shown] { return ListTokens(session, *shown); })
      ->add_option("--principal", shown->principal, "only of this one");
}

void AddGrantOptions(CLI::App& command, AccessFlags& flags) {
  command.add_option("principal", flags.principal, "gateway-eu, spiffe://...")
      ->required();
  command.add_option("role", flags.role, "gateway, viewer, admin, auditor")
      ->required();
  command
      .add_option("subtree", flags.subtree,
                  "an allocation with all below it, or * for everything")
      ->required();
}

void AddGrantCommands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("grants", "Who has which role where");
  group->require_subcommand(1);
  group->fallthrough();

  auto added = std::make_shared<AccessFlags>();
  AddGrantOptions(*session.AddCommand(
                      *group, "add", "Give a principal a role in a subtree",
                      [&session, added] { return AddGrant(session, *added); }),
                  *added);

  auto removed = std::make_shared<AccessFlags>();
  AddGrantOptions(
      *session.AddCommand(
          *group, "remove", "Take it back",
          [&session, removed] { return RemoveGrant(session, *removed); }),
      *removed);

  auto shown = std::make_shared<AccessFlags>();
  session
      .AddCommand(*group, "list", "The grants",
                  [&session, shown] { return ListGrants(session, *shown); })
      ->add_option("--principal", shown->principal, "only of this one");
}

}  // namespace

void AddAccessCommands(CLI::App& app, Session& session) {
  AddTokenCommands(app, session);
  AddGrantCommands(app, session);
  auto log = std::make_shared<AccessFlags>();
  CLI::App* changes = session.AddCommand(
      app, "access-log", "Who changed tokens and grants, from what to what",
      [&session, log] { return ListChanges(session, *log); });
  changes->add_option("--after", log->after, "changes after this number");
  changes->add_option("--max", log->max, "how many")->capture_default_str();
}

}  // namespace budget
