#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/admin.h"
#include "server/domain/handlers.h"
#include "server/domain/path.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

// The allocation and limit that one side of a transfer names.
struct Party {
  const Allocation* owner = nullptr;
  const Limit* limit = nullptr;
};

std::optional<Refusal> Find(const TransferCap::Side& side,
                            absl::string_view field, Unit unit, Books& books,
                            Party& party) {
  party.owner = books.catalog().FindAllocation(side.path);
  if (party.owner == nullptr) return AllocationNotFound(side.path);
  const Limit* limit = books.catalog().FindLimit(*party.owner, side.limit);
  if (limit == nullptr) return LimitNotFound(side.path, side.limit);
  if (auto refusal = CheckEtag(*party.owner, side.version)) return refusal;
  if (limit->spec.unit != unit) {
    return InvalidField(absl::StrCat(field, ".limit"),
                        absl::StrCat("counts ", UnitName(limit->spec.unit),
                                     ", not ", UnitName(unit)));
  }
  if (!limit->spec.cap) {
    return InvalidField(absl::StrCat(field, ".limit"), "has no cap to move");
  }
  party.limit = limit;
  return std::nullopt;
}

// The most that any window of the limit that was loaded has in use.
int64_t Committed(const Limit& limit, Books& books) {
  return books.LineOf(books.CurrentPin(limit)).tally().Usage();
}

std::optional<Refusal> CheckMove(const TransferCap& op, const Limit& from,
                                 const Limit& to, Books& books) {
  if (!(from.spec.window == to.spec.window)) {
    return InvalidField("to.limit",
                        absl::StrCat("has the window ", Describe(to.spec.window),
                                     ", the giving one ",
                                     Describe(from.spec.window)));
  }
  if (*to.spec.cap > kAmountMax - op.amount) {
    return InvalidField("amount", "would raise the cap past 2^61");
  }
  const int64_t committed = Committed(from, books);
  if (*from.spec.cap - op.amount >= committed) return std::nullopt;
  return Refusal{
      .reason = Reason::kCapBelowCommitted,
      .message = absl::StrCat(
          "limit ", from.spec.name, " of ", op.from.path, " can give ",
          std::max<int64_t>(0, *from.spec.cap - committed), " ",
          UnitName(op.unit), " at the most: cap ", *from.spec.cap,
          ", spent and reserved ", committed),
      .subject = op.from.path};
}

void MoveCap(absl::string_view side, LimitId id, int64_t amount, Books& books,
             LedgerEntry& entry) {
  Limit limit = *books.catalog().FindLimit(id);
  const std::optional<int64_t> before = limit.spec.cap;
  *limit.spec.cap += amount;
  AddChange(absl::StrCat(side, "_cap"), CapText(before),
            CapText(limit.spec.cap), entry);
  entry.caps.push_back({.limit = id, .cap = limit.spec.cap});
  Touch(limit.allocation, books);
  Keep(std::move(limit), books);
}

}  // namespace

Outcome Run(const TransferCap& op, Books& books) {
  Party from, to;
  if (auto refusal = Find(op.from, "from", op.unit, books, from)) {
    return {.refusal = refusal};
  }
  if (auto refusal = Find(op.to, "to", op.unit, books, to)) {
    return {.refusal = refusal};
  }
  if (auto refusal = CheckMove(op, *from.limit, *to.limit, books)) {
    return {.refusal = refusal};
  }
  LedgerEntry entry =
      AdminEntry(EntryKind::kTransferCap, op.context, *from.owner);
  entry.detail.emplace_back("from", absl::StrCat(op.from.path, ".",
                                                 from.limit->spec.name));
  entry.detail.emplace_back("to",
                            absl::StrCat(op.to.path, ".", to.limit->spec.name));
  entry.detail.emplace_back("amount", absl::StrCat(op.amount));
  entry.detail.emplace_back("reason", op.reason);
  const LimitId gives = from.limit->id;
  const LimitId takes = to.limit->id;
  MoveCap("from", gives, -op.amount, books, entry);
  MoveCap("to", takes, op.amount, books, entry);
  books.Post(std::move(entry));
  Outcome outcome = ShowAllocation(op.from.path, books);
  Show(op.to.path, books, outcome);
  return outcome;
}

}  // namespace budget
