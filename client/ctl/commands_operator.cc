#include <algorithm>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "budget/health.h"
#include "client/ctl/session.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

struct VerifyFlags {
  std::vector<std::string> roots;
  bool all = false;
};

absl::Status Verify(Session& session, VerifyFlags flags) {
  if (flags.all == !flags.roots.empty()) {
    return absl::InvalidArgumentError("verify: name roots, or write --all");
  }
  if (flags.all) {
    auto roots = AllRoots(session);
    if (!roots.ok()) return roots.status();
    flags.roots = *std::move(roots);
  }
  const CallOptions options{PatienceForALedger(session)};
  for (const std::string& root : flags.roots) {
    v1::VerifyRequest request;
    request.set_root(root);
    const auto answer = session.client().Verify(request, options);
    if (!answer.ok()) return answer.status();
    session.Print(*answer, RenderVerify(root, *answer));
    if (!answer->ok()) session.set_exit_code(kExitDiscrepancies);
  }
  if (flags.roots.empty()) std::cerr << "there is no allocation to verify\n";
  return absl::OkStatus();
}

absl::Status WaitReady(Session& session) {
  for (const std::string& endpoint : session.endpoints()) {
    const absl::Status status = WaitUntilServing(endpoint, session.timeout());
    if (!status.ok()) return status;
    if (!session.json()) std::cout << endpoint << " serves\n";
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> AllRoots(Session& session) {
  v1::ListAllocationsRequest request;
  request.set_include_archived(true);
  request.set_page_size(1000);
  std::vector<std::string> roots;
  do {
    const auto page = session.client().ListAllocations(request, session.options());
    if (!page.ok()) return page.status();
    for (const v1::Allocation& allocation : page->allocations()) {
      if (allocation.path().find('/') == std::string::npos) {
        roots.push_back(allocation.path());
      }
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return roots;
}

absl::Duration PatienceForALedger(const Session& session) {
  return std::max(session.timeout(), absl::Minutes(10));
}

void AddOperatorCommands(CLI::App& app, Session& session) {
  auto flags = std::make_shared<VerifyFlags>();
  CLI::App* verify = session.AddCommand(
      app, "verify", "Compare the ledger with every counter and every seal",
      [&session, flags] { return Verify(session, *flags); });
  verify->add_option("roots", flags->roots, "the roots to verify");
  verify->add_flag("--all", flags->all, "every root");

  session.AddCommand(app, "wait-ready",
                     "Wait until every endpoint serves, --timeout for each",
                     [&session] { return WaitReady(session); });
}

}  // namespace budget
