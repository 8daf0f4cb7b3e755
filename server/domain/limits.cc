#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "server/domain/admin.h"
#include "server/domain/handlers.h"
#include "server/domain/load_plan.h"
#include "server/domain/path.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

std::optional<Refusal> CheckSame(const Limit& limit, const LimitSpec& spec) {
  constexpr absl::string_view kRemedy =
      "cannot change; remove the limit and set another, or choose a new name";
  if (limit.spec.unit != spec.unit) return InvalidField("limit.unit", kRemedy);
  if (!(limit.spec.window == spec.window)) {
    return InvalidField("limit.window", kRemedy);
  }
  return std::nullopt;
}

// What a new limit starts from in one window; wider than what can be kept.
struct Opening {
  __int128 spent = 0;
  __int128 reserved = 0;
  __int128 overage = 0;
  int64_t unpriced = 0;

  bool IsZero() const {
    return spent == 0 && reserved == 0 && overage == 0 && unpriced == 0;
  }
};

using Openings = std::map<WindowKey, Opening>;

// The ids of the allocations at and under `path` that were loaded.
std::set<AllocationId> IdsUnder(absl::string_view path,
                                const Catalog& catalog) {
  std::set<AllocationId> ids;
  for (const auto& [id, allocation] : catalog.allocations()) {
    if (IsAtOrUnder(allocation->path, path)) ids.insert(id);
  }
  return ids;
}

bool Concerns(const SharedList<AllocationId>& allocations,
              const std::set<AllocationId>& ids) {
  for (AllocationId id : allocations) {
    if (ids.contains(id)) return true;
  }
  return false;
}

// Adds usage of which the ledger knows: what was loaded, and what this batch
// has added since.
void AddUsage(const SetLimit& op, const std::set<AllocationId>& ids,
              Books& books, Openings& openings) {
  const auto history =
      books.set().histories.find(HistoryKey(op.path, op.limit));
  if (history != books.set().histories.end()) {
    for (const UsageHistory::Item& item : history->second.items) {
      Opening& opening = openings[item.window];
      opening.spent += item.spent;
      opening.overage += item.overage;
      opening.unpriced += item.unpriced;
    }
  }
  const bool rolling = op.limit.window.kind == WindowKind::kRolling;
  const WindowKey current = KeyAt(op.limit.window, books.now());
  for (const LedgerEntry& entry : books.set().entries) {
    if (!Concerns(entry.allocations, ids)) continue;
    const WindowKey window =
        KeyAt(op.limit.window, entry.admitted_at.value_or(entry.at));
    if (rolling ? !IsLiveBucket(window, current) : window != current) continue;
    const CounterDelta moved = DeltaOf(entry, op.limit.unit);
    Opening& opening = openings[window];
    opening.spent += moved.spent;
    opening.overage += moved.overage;
    opening.unpriced += moved.unpriced;
  }
}

// The open holds at and under the allocation.
std::vector<Reservation*> HoldsOf(const std::set<AllocationId>& ids,
                                  Books& books) {
  std::vector<Reservation*> holds;
  for (auto& [id, slot] : books.set().reservations) {
    Reservation& reservation = slot.reservation;
    if (!reservation.IsOpen()) continue;
    if (!Concerns(reservation.terms->allocation_ids, ids)) continue;
    holds.push_back(&reservation);
  }
  return holds;
}

// Holds count in the window of their admission, as if the limit had been there.
Openings OpeningsOf(const SetLimit& op, const std::set<AllocationId>& ids,
                    absl::Span<Reservation* const> holds, Books& books) {
  Openings openings;
  AddUsage(op, ids, books, openings);
  for (const Reservation* hold : holds) {
    openings[KeyAt(op.limit.window, hold->terms->created_at)].reserved +=
        hold->held[op.limit.unit];
  }
  for (auto& [window, opening] : openings) {
    opening.spent = std::max<__int128>(0, opening.spent);
    opening.overage = std::max<__int128>(0, opening.overage);
    opening.unpriced = std::max<int64_t>(0, opening.unpriced);
  }
  return openings;
}

// The refusal if a counter could not keep what it is to start from. Usage that
// no limit has bounded so far may be of any size.
std::optional<Refusal> CheckOpenings(const LimitSpec& limit,
                                     const Openings& openings) {
  const bool one_counter = limit.window.kind == WindowKind::kRolling;
  Opening sum;
  for (const auto& [window, opening] : openings) {
    if (!one_counter) sum = {};
    sum.spent += opening.spent;
    sum.reserved += opening.reserved;
    sum.overage += opening.overage;
    if (sum.spent + sum.reserved > kAmountMax || sum.overage > kAmountMax) {
      return CounterOverflow(limit.unit);
    }
  }
  return std::nullopt;
}

void AdoptHolds(const Limit& limit, absl::Span<Reservation* const> holds,
                Books& books) {
  for (Reservation* hold : holds) {
    std::vector<Pin> pins = hold->pins.vector();
    pins.push_back(
        {.limit = limit.id,
         .window = KeyAt(limit.spec.window, hold->terms->created_at)});
    hold->pins = std::move(pins);
    books.set().reservations[hold->id()].changed = true;
  }
}

LedgerEntry OpeningEntry(const SetLimit& op, const Limit& limit,
                         const Allocation& owner, WindowKey window,
                         const Opening& opening) {
  LedgerEntry entry = AdminEntry(EntryKind::kSetLimit, op.context, owner);
  const Unit unit = limit.spec.unit;
  entry.pins = {{.limit = limit.id, .window = window}};
  entry.spent[unit] = static_cast<int64_t>(opening.spent);
  entry.reserved[unit] = static_cast<int64_t>(opening.reserved);
  entry.overage[unit] = static_cast<int64_t>(opening.overage);
  entry.unpriced = opening.unpriced;
  entry.detail.emplace_back("limit", limit.spec.name);
  entry.detail.emplace_back("opening", "true");
  return entry;
}

std::optional<Refusal> AddLimit(const SetLimit& op, const Allocation& owner,
                                Books& books) {
  const std::set<AllocationId> ids = IdsUnder(op.path, books.catalog());
  const std::vector<Reservation*> holds = HoldsOf(ids, books);
  const Openings openings = OpeningsOf(op, ids, holds, books);
  if (auto refusal = CheckOpenings(op.limit, openings)) return refusal;
  const Limit& limit = Keep({.id = ++books.set().root.last_limit,
                             .allocation = owner.id,
                             .spec = op.limit},
                            books);
  AdoptHolds(limit, holds, books);

  LedgerEntry first = AdminEntry(EntryKind::kSetLimit, op.context, owner);
  first.caps = {{.limit = limit.id, .cap = op.limit.cap}};
  first.detail.emplace_back("limit", op.limit.name);
  first.detail.emplace_back("cap_to", CapText(op.limit.cap));
  first.detail.emplace_back("counts", CountsText(op.limit));
  first.detail.emplace_back("warn_percent_to", WarnText(op.limit));
  books.Post(std::move(first));
  for (const auto& [window, opening] : openings) {
    if (opening.IsZero()) continue;
    books.Post(OpeningEntry(op, limit, owner, window, opening));
  }
  return std::nullopt;
}

void ChangeLimit(const SetLimit& op, const Allocation& owner, Limit limit,
                 Books& books) {
  LedgerEntry entry = AdminEntry(EntryKind::kSetLimit, op.context, owner);
  entry.caps = {{.limit = limit.id, .cap = op.limit.cap}};
  entry.detail.emplace_back("limit", op.limit.name);
  AddChange("cap", CapText(limit.spec.cap), CapText(op.limit.cap), entry);
  AddChange("warn_percent", WarnText(limit.spec), WarnText(op.limit), entry);
  limit.spec = op.limit;
  Keep(std::move(limit), books);
  books.Post(std::move(entry));
}

}  // namespace

Outcome Run(const SetLimit& op, Books& books) {
  const Allocation* owner = books.catalog().FindAllocation(op.path);
  if (owner == nullptr) return {.refusal = AllocationNotFound(op.path)};
  const Limit* known = books.catalog().FindLimit(*owner, op.limit.name);
  if (known != nullptr && !op.version) {
    return {.refusal = InvalidField(
                "etag", absl::StrCat("is required: the limit ", op.limit.name,
                                     " exists; read the allocation and base "
                                     "the change on its etag"))};
  }
  if (op.version) {
    if (auto refusal = CheckEtag(*owner, *op.version)) {
      return {.refusal = refusal};
    }
  }
  if (owner->archived) return {.refusal = Archived(*owner)};
  if (known != nullptr) {
    if (auto refusal = CheckSame(*known, op.limit)) return {.refusal = refusal};
    ChangeLimit(op, *owner, *known, books);
  } else {
    if (auto refusal = AddLimit(op, *owner, books)) return {.refusal = refusal};
  }
  const Allocation& touched = Touch(owner->id, books);
  Outcome outcome = ShowAllocation(op.path, books);
  const Limit& limit = *books.catalog().FindLimit(touched, op.limit.name);
  books.LineOf(books.CurrentPin(limit)).Read(outcome.limits);
  return outcome;
}

Outcome Run(const RemoveLimit& op, Books& books) {
  const Allocation* owner = books.catalog().FindAllocation(op.path);
  if (owner == nullptr) return {.refusal = AllocationNotFound(op.path)};
  const Limit* known = books.catalog().FindLimit(*owner, op.limit);
  if (known == nullptr) return {.refusal = LimitNotFound(op.path, op.limit)};
  if (auto refusal = CheckEtag(*owner, op.version)) {
    return {.refusal = refusal};
  }
  Limit removed = *known;
  removed.removed = true;
  const Limit& limit = Keep(std::move(removed), books);
  LedgerEntry entry = AdminEntry(EntryKind::kRemoveLimit, op.context, *owner);
  entry.caps = {{.limit = limit.id, .cap = std::nullopt}};
  entry.detail.emplace_back("limit", op.limit);
  entry.detail.emplace_back("cap_from", CapText(limit.spec.cap));
  entry.detail.emplace_back("counts", CountsText(limit.spec));
  entry.detail.emplace_back("warn_percent_from", WarnText(limit.spec));
  Touch(owner->id, books);
  books.Post(std::move(entry));
  return ShowAllocation(op.path, books);
}

}  // namespace budget
