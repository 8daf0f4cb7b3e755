#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/ctl/amount_text.h"
#include "client/ctl/session.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

struct BalanceFlags {
  std::string path;
  std::string to;
  std::string amount;
  std::string limit;
  std::string reason;
  std::string request_id;
};

absl::Status Freeze(Session& session, const BalanceFlags& flags) {
  v1::FreezeAllocationRequest request;
  request.set_path(flags.path);
  request.set_reason(flags.reason);
  return session.Show(session.client().FreezeAllocation(request, session.options()),
                      [&](const v1::FreezeAllocationResponse& answer) {
                        return RenderAllocation(answer.allocation(), session.zone());
                      });
}

absl::Status Unfreeze(Session& session, const BalanceFlags& flags) {
  v1::UnfreezeAllocationRequest request;
  request.set_path(flags.path);
  return session.Show(
      session.client().UnfreezeAllocation(request, session.options()),
      [&](const v1::UnfreezeAllocationResponse& answer) {
        return RenderAllocation(answer.allocation(), session.zone());
      });
}

absl::Status Adjust(Session& session, const BalanceFlags& flags) {
  const auto amount = ParseAmount(flags.amount);
  if (!amount.ok()) return amount.status();
  v1::AdjustBalanceRequest request;
  request.set_path(flags.path);
  request.set_limit(flags.limit);
  request.set_unit(amount->unit);
  request.set_amount(amount->value);
  request.set_reason(flags.reason);
  request.set_request_id(flags.request_id);
  return session.Show(session.client().AdjustBalance(request, session.options()),
                      [&](const v1::AdjustBalanceResponse& answer) {
                        return RenderLimits(answer.limits(),
                                            TimeOf(answer.read_time()),
                                            session.zone());
                      });
}

// "acme/a:month" with the etag that is there now.
absl::Status ReadCapRef(Session& session, const std::string& text,
                        v1::CapRef* ref) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  if (parts.second.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not ALLOCATION:LIMIT"));
  }
  v1::GetAllocationRequest request;
  request.set_path(parts.first);
  const auto answer = session.client().GetAllocation(request, session.options());
  if (!answer.ok()) return answer.status();
  ref->set_path(parts.first);
  ref->set_limit(parts.second);
  ref->set_etag(answer->allocation().etag());
  return absl::OkStatus();
}

absl::Status Transfer(Session& session, const BalanceFlags& flags) {
  const auto amount = ParseAmount(flags.amount);
  if (!amount.ok()) return amount.status();
  v1::TransferCapRequest request;
  request.set_unit(amount->unit);
  request.set_amount(amount->value);
  request.set_reason(flags.reason);
  request.set_request_id(flags.request_id);
  absl::Status status = ReadCapRef(session, flags.path, request.mutable_from());
  if (status.ok()) status = ReadCapRef(session, flags.to, request.mutable_to());
  if (!status.ok()) return status;
  return session.Show(session.client().TransferCap(request, session.options()),
                      [&](const v1::TransferCapResponse& answer) {
                        return RenderAllocation(answer.from(), session.zone()) +
                               RenderAllocation(answer.to(), session.zone());
                      });
}

}  // namespace

void AddBalanceCommands(CLI::App& app, Session& session) {
  auto frost = std::make_shared<BalanceFlags>();
  CLI::App* freeze =
      session.AddCommand(app, "freeze", "Refuse new holds here and below",
                         [&session, frost] { return Freeze(session, *frost); });
  freeze->add_option("path", frost->path)->required();
  freeze->add_option("--reason", frost->reason, "shown in denials")->required();

  auto thaw = std::make_shared<BalanceFlags>();
  session
      .AddCommand(app, "unfreeze", "Take a freeze back",
                  [&session, thaw] { return Unfreeze(session, *thaw); })
      ->add_option("path", thaw->path)->required();

  auto change = std::make_shared<BalanceFlags>();
  CLI::App* adjust = session.AddCommand(
      app, "adjust", "Credit (negative) or debit what has been spent",
      [&session, change] { return Adjust(session, *change); });
  adjust->add_option("path", change->path)->required();
  adjust->add_option("--amount", change->amount,
                     "such as --amount=-$12.50 or --amount='500 tokens'")
      ->required();
  adjust->add_option("--limit", change->limit,
                     "only this limit (default: the whole chain)");
  adjust->add_option("--reason", change->reason, "kept in the ledger")->required();
  adjust->add_option("--request-id", change->request_id, "UUID, for safe repeats");

  auto move = std::make_shared<BalanceFlags>();
  CLI::App* transfer = session.AddCommand(
      app, "transfer", "Move cap between siblings",
      [&session, move] { return Transfer(session, *move); });
  transfer->add_option("from", move->path, "such as acme/search:month")->required();
  transfer->add_option("to", move->to, "such as acme/support:month")->required();
  transfer->add_option("amount", move->amount, "such as $50")->required();
  transfer->add_option("--reason", move->reason, "kept in the ledger");
  transfer->add_option("--request-id", move->request_id, "UUID, for safe repeats");
}

}  // namespace budget
