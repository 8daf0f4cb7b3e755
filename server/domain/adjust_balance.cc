#include <algorithm>
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
    pins = {books.CurrentPin(*limit)};
    return std::nullopt;
  }
  for (absl::string_view prefix : ChainOf(op.path)) {
    const Allocation* at = books.catalog().FindAllocation(prefix);
    for (const Limit* limit : books.catalog().LimitsOf(*at)) {
      if (limit->spec.unit != op.unit) continue;
      pins.push_back(books.CurrentPin(*limit));
    }
  }
  if (!pins.empty()) return std::nullopt;
  return InvalidField("unit", absl::StrCat("is ", UnitName(op.unit),
                                           ", which no limit of the chain of ",
                                           op.path, " counts"));
}

std::optional<Refusal> CheckDebit(const AdjustBalance& op,
                                  const SharedList<Pin>& pins, Books& books) {
  Amounts amount, granted;
  amount[op.unit] = op.amount;
  return Admit(pins, {.wanted = amount, .least = amount}, books, granted);
}

std::optional<Refusal> CheckCredit(const AdjustBalance& op,
                                   const SharedList<Pin>& pins, Books& books) {
  if (op.limit.empty()) return std::nullopt;
  const Tally& tally = books.LineOf(pins.front()).tally();
  if (-op.amount <= tally.spent + tally.overage) return std::nullopt;
  return Refusal{
      .reason = Reason::kCreditExceedsSpent,
      .message = absl::StrCat("limit ", op.limit, " of ", op.path, " has spent ",
                              tally.spent, " and overage ", tally.overage,
                              " to credit; raise the cap to give more"),
      .subject = op.path};
}

// What one counter, or one bucket of a rolling one, takes of the adjustment.
struct Share {
  Pin pin;
  int64_t spent = 0;
  int64_t overage = 0;
};

// Takes a credit off what `available` has, as far as it goes.
int64_t TakeOff(int64_t available, int64_t& credit) {
  const int64_t taken = std::min(available, credit);
  credit -= taken;
  return -taken;
}

// A credit takes overage off first, then spend; a rolling limit gives up its
// newest buckets first, so that nothing is taken off what ages out by itself.
std::vector<Share> CreditShares(const Line& line, int64_t credit) {
  const Counter& counter = line.counter();
  if (!line.limit->IsRolling()) {
    const int64_t overage = TakeOff(counter.tally.overage, credit);
    return {{line.pin, TakeOff(counter.tally.spent, credit), overage}};
  }
  std::vector<Share> shares;
  for (const Bucket& bucket : counter.buckets) {
    shares.push_back({{line.pin.limit, bucket.number}});
  }
  for (size_t i = shares.size(); i-- > 0;) {
    shares[i].overage = TakeOff(counter.buckets[i].overage, credit);
  }
  for (size_t i = shares.size(); i-- > 0;) {
    shares[i].spent = TakeOff(counter.buckets[i].spent, credit);
  }
  return shares;
}

std::vector<Share> SharesOf(const AdjustBalance& op,
                            const SharedList<Pin>& pins, Books& books) {
  std::vector<Share> shares;
  for (const Pin& pin : pins) {
    if (op.amount > 0) {
      shares.push_back({pin, op.amount});
      continue;
    }
    for (Share& share : CreditShares(books.LineOf(pin), -op.amount)) {
      if (share.spent != 0 || share.overage != 0) shares.push_back(share);
    }
  }
  return shares;
}

LedgerEntry EntryOf(const AdjustBalance& op, const Share& share,
                    Books& books) {
  LedgerEntry entry =
      AdminEntry(EntryKind::kAdjustBalance, op.context,
                 *books.catalog().FindAllocation(op.path));
  entry.spent[op.unit] = share.spent;
  entry.overage[op.unit] = share.overage;
  entry.detail.emplace_back("amount", absl::StrCat(op.amount));
  entry.detail.emplace_back("reason", op.reason);
  return entry;
}

// The first entry states the whole amount, and moves the counters that take it
// as it is; each other share has an entry of its own, which is nobody's usage.
std::vector<LedgerEntry> EntriesOf(const AdjustBalance& op,
                                   const SharedList<Pin>& pins, Books& books) {
  LedgerEntry whole = EntryOf(op, {.spent = op.amount}, books);
  if (op.limit.empty()) {
    whole.allocations = {books.catalog().FindAllocation(op.path)->id};
  }
  std::vector<LedgerEntry> entries;
  std::vector<Pin> moved_whole;
  for (const Share& share : SharesOf(op, pins, books)) {
    if (share.spent == op.amount) {
      moved_whole.push_back(share.pin);
      continue;
    }
    entries.push_back(EntryOf(op, share, books));
    entries.back().pins = {share.pin};
  }
  whole.pins = std::move(moved_whole);
  if (!whole.pins.empty() || !whole.allocations.empty()) {
    entries.insert(entries.begin(), std::move(whole));
  }
  return entries;
}

// Says of each counter that the entry moves from what to what. HideForeign of
// an entry knows these names.
void AddBalances(Unit unit, Books& books, LedgerEntry& entry) {
  for (const Line* line : books.LinesOf(entry.pins)) {
    const Allocation& owner =
        *books.catalog().FindAllocation(line->limit->allocation);
    const std::string limit = LimitText(owner, *line->limit);
    const Tally& tally = line->tally();
    AddChange(absl::StrCat("spent.", limit), absl::StrCat(tally.spent),
              absl::StrCat(tally.spent + entry.spent[unit]), entry);
    if (entry.overage[unit] == 0) continue;
    AddChange(absl::StrCat("overage.", limit), absl::StrCat(tally.overage),
              absl::StrCat(tally.overage + entry.overage[unit]), entry);
  }
}

}  // namespace

Outcome Run(const AdjustBalance& op, Books& books) {
  std::vector<Pin> found;
  if (auto refusal = FindPins(op, books, found)) return {.refusal = refusal};
  const SharedList<Pin> pins = std::move(found);
  const std::optional<Refusal> refusal =
      op.amount > 0 ? CheckDebit(op, pins, books) : CheckCredit(op, pins, books);
  if (refusal) return {.refusal = refusal};
  Outcome outcome;
  for (LedgerEntry& entry : EntriesOf(op, pins, books)) {
    AddBalances(op.unit, books, entry);
    for (const Crossing& crossing : books.Post(std::move(entry))) {
      outcome.crossed.push_back(crossing);
    }
  }
  Show(op.path, books, outcome);
  outcome.limits = books.Read(pins);
  return outcome;
}

}  // namespace budget
