#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/admin.h"
#include "server/domain/admission.h"
#include "server/domain/handlers.h"
#include "server/domain/path.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

// The limits that the adjustment moves, in their current windows.
std::optional<Refusal> FindPins(const AdjustBalance& op, Books& books,
                                std::vector<Pin>& pins) {
  const Allocation* owner = books.catalog().FindAllocation(op.path);
  if (owner == nullptr) return AllocationNotFound(op.path);
  if (!op.limit.empty()) {
    const Limit* limit = books.catalog().FindLimit(*owner, op.limit);
    if (limit == nullptr) return LimitNotFound(op.path, op.limit);
    if (limit->spec.unit != op.unit) {
      return InvalidField("unit",
                          absl::StrCat("is ", UnitName(op.unit), " but limit ",
                                       op.limit, " counts ",
                                       UnitName(limit->spec.unit)));
    }
    pins = {{.limit = limit->id, .window = books.CurrentWindow(*limit)}};
    return std::nullopt;
  }
  for (absl::string_view prefix : ChainOf(op.path)) {
    const Allocation* at = books.catalog().FindAllocation(prefix);
    for (const Limit* limit : books.catalog().LimitsOf(*at)) {
      if (limit->spec.unit != op.unit) continue;
      pins.push_back(
          {.limit = limit->id, .window = books.CurrentWindow(*limit)});
    }
  }
  if (!pins.empty()) return std::nullopt;
  return InvalidField("unit", absl::StrCat("is ", UnitName(op.unit),
                                           ", which no limit of the chain of ",
                                           op.path, " counts"));
}

std::optional<Refusal> CheckDebit(const AdjustBalance& op,
                                  const std::vector<Pin>& pins, Books& books) {
  Amounts amount, granted;
  amount[op.unit] = op.amount;
  return Admit(pins, {.wanted = amount, .least = amount}, books, granted);
}

std::optional<Refusal> CheckCredit(const AdjustBalance& op,
                                   const std::vector<Pin>& pins,
                                   Books& books) {
  if (op.limit.empty()) return std::nullopt;
  const Limit& limit = *books.catalog().FindLimit(pins.front().limit);
  const Tally& tally = books.TallyOf(limit, pins.front().window);
  if (-op.amount <= tally.spent + tally.overage) return std::nullopt;
  return Refusal{
      .reason = Reason::kCreditExceedsSpent,
      .message = absl::StrCat("limit ", op.limit, " of ", op.path, " has spent ",
                              tally.spent, " and overage ", tally.overage,
                              " to credit; raise the cap to give more"),
      .subject = op.path};
}

// One entry moves all counters alike, and a credit takes each one's overage
// off first: counters that differ in overage need entries of their own. The
// first of them states the usage.
std::vector<LedgerEntry> EntriesOf(const AdjustBalance& op,
                                   const std::vector<Pin>& pins,
                                   Books& books) {
  const Allocation& owner = *books.catalog().FindAllocation(op.path);
  std::map<int64_t, std::vector<Pin>> by_overage;
  for (const Pin& pin : pins) {
    const Limit& limit = *books.catalog().FindLimit(pin.limit);
    const int64_t overage = books.TallyOf(limit, pin.window).overage;
    by_overage[op.amount < 0 ? std::min(-op.amount, overage) : 0].push_back(
        pin);
  }
  std::vector<LedgerEntry> entries;
  for (auto& [from_overage, group] : by_overage) {
    LedgerEntry entry =
        AdminEntry(EntryKind::kAdjustBalance, op.context, owner);
    if (entries.empty() && op.limit.empty()) entry.allocations = {owner.id};
    entry.pins = std::move(group);
    entry.overage[op.unit] = -from_overage;
    entry.spent[op.unit] = op.amount + from_overage;
    entry.detail.emplace_back("amount", absl::StrCat(op.amount));
    entry.detail.emplace_back("reason", op.reason);
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

Outcome Run(const AdjustBalance& op, Books& books) {
  std::vector<Pin> pins;
  if (auto refusal = FindPins(op, books, pins)) return {.refusal = refusal};
  const std::optional<Refusal> refusal =
      op.amount > 0 ? CheckDebit(op, pins, books) : CheckCredit(op, pins, books);
  if (refusal) return {.refusal = refusal};
  Outcome outcome;
  for (LedgerEntry& entry : EntriesOf(op, pins, books)) {
    for (const Crossing& crossing : books.Post(std::move(entry))) {
      outcome.crossed.push_back(crossing);
    }
  }
  Show(op.path, books, outcome);
  outcome.limits = books.Read(pins);
  return outcome;
}

}  // namespace budget
