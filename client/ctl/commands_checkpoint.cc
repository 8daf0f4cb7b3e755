#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/ctl/checkpoint_file.h"
#include "client/ctl/ledger_chain.h"
#include "client/ctl/ledger_file.h"
#include "client/ctl/roots.h"
#include "client/ctl/session.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

struct ExportFlags {
  std::vector<std::string> roots;
  bool all = false;
  std::string out;
  std::string sign_key;
};

struct CheckFlags {
  std::vector<std::string> files;
  std::vector<std::string> ledgers;
  std::string public_key;
};

absl::Status ExportRoot(Session& session, const std::string& root,
                        const std::optional<SigningKey>& key,
                        LineWriter& file) {
  v1::GetCheckpointRequest request;
  request.set_root(root);
  const auto answer =
      session.client().GetCheckpoint(request, session.options());
  if (!answer.ok()) return answer.status();
  if (answer->checkpoint().sequence() == 0) {
    std::cerr << root << ": nothing is sealed yet\n";
    return absl::OkStatus();
  }
  file.Write(CheckpointLine(answer->checkpoint(), key));
  return absl::OkStatus();
}

absl::Status Export(Session& session, ExportFlags flags) {
  if (flags.all == !flags.roots.empty()) {
    return absl::InvalidArgumentError(
        "checkpoint export: name roots, or write --all");
  }
  std::optional<SigningKey> key;
  if (!flags.sign_key.empty()) {
    auto read = SigningKey::Read(flags.sign_key);
    if (!read.ok()) return read.status();
    key = *std::move(read);
  }
  if (flags.all) {
    auto roots = ListRoots(session.client(), session.options());
    if (!roots.ok()) return roots.status();
    flags.roots = *std::move(roots);
  }
  LineWriter file(flags.out);
  for (const std::string& root : flags.roots) {
    const absl::Status status = ExportRoot(session, root, key, file);
    if (!status.ok()) return status;
  }
  return file.Finish();
}

absl::StatusOr<std::vector<v1::LedgerCheckpoint>> ReadCheckpoints(
    const CheckFlags& flags) {
  std::optional<VerifyingKey> key;
  if (!flags.public_key.empty()) {
    auto read = VerifyingKey::Read(flags.public_key);
    if (!read.ok()) return read.status();
    key = *std::move(read);
  }
  std::vector<v1::LedgerCheckpoint> checkpoints;
  for (const std::string& path : flags.files) {
    const absl::Status status =
        ForEachLine(path, [&](const std::string& line) {
          auto checkpoint = ParseCheckpointLine(line, key);
          if (!checkpoint.ok()) return checkpoint.status();
          checkpoints.push_back(*std::move(checkpoint));
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
  }
  return checkpoints;
}

// Against files, without any server.
absl::Status CheckOffline(
    Session& session, const CheckFlags& flags,
    const std::vector<v1::LedgerCheckpoint>& checkpoints) {
  ChainCheck check(checkpoints);
  std::set<std::string> kept;
  for (const v1::LedgerCheckpoint& checkpoint : checkpoints) {
    kept.insert(checkpoint.root());
  }
  for (const std::string& path : flags.ledgers) {
    const absl::Status status =
        ForEachLine(path, [&](const std::string& line) {
          const auto entry = ParseLedgerLine(line);
          if (entry.ok()) check.Add(*entry);
          return entry.status();
        });
    if (!status.ok()) return status;
  }
  for (const auto& [root, found] : check.Finish()) {
    const char* verdict = "DISCREPANCIES";
    if (found.ok()) {
      verdict = kept.contains(root) ? "OK" : "no checkpoint to compare with";
    }
    session.Print(found, absl::StrCat(root, ": ", verdict, ", ",
                                      found.entries(), " entries\n",
                                      RenderDiscrepancies(found)));
    if (!found.ok()) session.set_exit_code(kExitDiscrepancies);
  }
  return absl::OkStatus();
}

// Against the database, by its service.
absl::Status CheckLive(Session& session,
                       const std::vector<v1::LedgerCheckpoint>& checkpoints) {
  std::map<std::string, v1::VerifyRequest> requests;
  for (const v1::LedgerCheckpoint& checkpoint : checkpoints) {
    v1::VerifyRequest& request = requests[checkpoint.root()];
    request.set_root(checkpoint.root());
    *request.add_checkpoints() = checkpoint;
  }
  for (const auto& [root, request] : requests) {
    const auto answer =
        session.client().Verify(request, session.ledger_options());
    if (absl::IsNotFound(answer.status())) {
      std::cerr << root << ": LOST, " << request.checkpoints_size()
                << " checkpoints are of it and there is no such root that "
                   "this caller sees\n";
      session.set_exit_code(kExitDiscrepancies);
      continue;
    }
    if (!answer.ok()) return answer.status();
    session.Print(*answer, RenderVerify(root, *answer));
    if (!answer->ok()) session.set_exit_code(kExitDiscrepancies);
  }
  return absl::OkStatus();
}

absl::Status Check(Session& session, const CheckFlags& flags) {
  const auto checkpoints = ReadCheckpoints(flags);
  if (!checkpoints.ok()) return checkpoints.status();
  if (checkpoints->empty()) {
    return absl::InvalidArgumentError(
        "checkpoint check: there is no checkpoint in the files");
  }
  return flags.ledgers.empty() ? CheckLive(session, *checkpoints)
                               : CheckOffline(session, flags, *checkpoints);
}

}  // namespace

void AddCheckpointCommands(CLI::App& app, Session& session) {
  CLI::App* checkpoint = app.add_subcommand(
      "checkpoint", "The hash chain of the ledger, to be kept elsewhere");
  checkpoint->require_subcommand(1);
  checkpoint->fallthrough();

  auto to = std::make_shared<ExportFlags>();
  CLI::App* write = session.AddCommand(
      *checkpoint, "export", "Write where the chain stands at its last seal",
      [&session, to] { return Export(session, *to); });
  write->add_option("roots", to->roots, "of these roots");
  write->add_flag("--all", to->all, "of every root");
  write->add_option("--out", to->out, "the file, - for the standard output")
      ->required();
  write->add_option("--sign-key", to->sign_key,
                    "sign with the Ed25519 key in this PEM file");

  auto from = std::make_shared<CheckFlags>();
  CLI::App* check = session.AddCommand(
      *checkpoint, "check",
      "Compare checkpoints with the database, or with a ledger in files",
      [&session, from] { return Check(session, *from); });
  check->add_option("files", from->files, "written by checkpoint export")
      ->required();
  check->add_option("--ledger", from->ledgers,
                    "written by ledger --out; then no server is asked")
      ->allow_extra_args(false);
  check->add_option("--public-key", from->public_key,
                    "require signatures by the key in this PEM file");
}

}  // namespace budget
