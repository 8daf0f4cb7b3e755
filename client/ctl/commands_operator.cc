#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "budget/health.h"
#include "client/ctl/expected_text.h"
#include "client/ctl/roots.h"
#include "client/ctl/session.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

struct VerifyFlags {
  std::vector<std::string> roots;
  bool all = false;
  std::vector<std::string> at_least;
  std::string expected_file;
};

absl::StatusOr<ExpectedByRoot> ReadExpected(const VerifyFlags& flags) {
  ExpectedByRoot expected;
  for (const std::string& text : flags.at_least) {
    const absl::Status status = ParseAtLeast(text, expected);
    if (!status.ok()) return status;
  }
  if (flags.expected_file.empty()) return expected;
  std::ifstream file(flags.expected_file);
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat("--expect: cannot read ", flags.expected_file));
  }
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  const absl::Status status = ParseExpectedFile(content, expected);
  if (!status.ok()) return status;
  return expected;
}

// Those that are named, or all, and those of which something is expected: one
// that was created after the last thing a standby got is there no more.
absl::StatusOr<std::set<std::string>> RootsToVerify(
    Session& session, const VerifyFlags& flags,
    const ExpectedByRoot& expected) {
  std::set<std::string> roots(flags.roots.begin(), flags.roots.end());
  for (const auto& [root, entries] : expected) roots.insert(root);
  if (!flags.all) return roots;
  const auto all = ListRoots(session.client(), session.options());
  if (!all.ok()) return all.status();
  roots.insert(all->begin(), all->end());
  return roots;
}

absl::Status VerifyRoot(Session& session, const std::string& root,
                        const std::vector<v1::ExpectedEntry>& expected) {
  v1::VerifyRequest request;
  request.set_root(root);
  request.mutable_expected()->Assign(expected.begin(), expected.end());
  const auto answer =
      session.client().Verify(request, session.ledger_options());
  if (absl::IsNotFound(answer.status()) && !expected.empty()) {
    std::cerr << root << ": LOST, " << expected.size()
              << " of its entries were acknowledged and there is no such "
                 "root that this caller sees\n";
    session.set_exit_code(kExitDiscrepancies);
    return absl::OkStatus();
  }
  if (!answer.ok()) return answer.status();
  session.Print(*answer, RenderVerify(root, *answer));
  if (!answer->ok()) session.set_exit_code(kExitDiscrepancies);
  return absl::OkStatus();
}

absl::Status Verify(Session& session, const VerifyFlags& flags) {
  const auto expected = ReadExpected(flags);
  if (!expected.ok()) return expected.status();
  const bool named = !flags.roots.empty() || !expected->empty();
  if (flags.all ? !flags.roots.empty() : !named) {
    return absl::InvalidArgumentError("verify: name roots, or write --all");
  }
  const auto roots = RootsToVerify(session, flags, *expected);
  if (!roots.ok()) return roots.status();
  for (const std::string& root : *roots) {
    const auto entries = expected->find(root);
    const absl::Status status = VerifyRoot(
        session, root,
        entries == expected->end() ? std::vector<v1::ExpectedEntry>()
                                   : entries->second);
    if (!status.ok()) return status;
  }
  if (!roots->empty()) return absl::OkStatus();
  return absl::NotFoundError(
      "verify: nothing was verified, for this caller sees no root; a token of "
      "an auditor for \"*\" sees all");
}

absl::Status WaitReady(Session& session) {
  for (const std::string& endpoint : session.endpoints()) {
    const absl::Status status =
        WaitUntilServing(endpoint, session.timeout(), session.security());
    if (!status.ok()) return status;
    if (!session.json()) std::cout << endpoint << " serves\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddOperatorCommands(CLI::App& app, Session& session) {
  auto flags = std::make_shared<VerifyFlags>();
  CLI::App* verify = session.AddCommand(
      app, "verify",
      "Compare the ledger with every counter, every seal, and with what was "
      "acknowledged",
      [&session, flags] { return Verify(session, *flags); });
  verify->add_option("roots", flags->roots, "the roots to verify");
  verify->add_flag("--all", flags->all, "every root");
  verify
      ->add_option("--at-least", flags->at_least,
                   "ROOT=SEQUENCE, repeatable: an entry that was acknowledged")
      ->allow_extra_args(false);
  verify->add_option("--expect", flags->expected_file,
                     "file of acknowledged entries: root, sequence and, if "
                     "known, reservation id on a line");

  session.AddCommand(app, "wait-ready",
                     "Wait until every endpoint serves, --timeout for each",
                     [&session] { return WaitReady(session); });
}

}  // namespace budget
