#include "server/domain/admin.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/handlers.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

struct KindVisitor {
  EntryKind operator()(const CreateAllocation&) const {
    return EntryKind::kCreateAllocation;
  }
  EntryKind operator()(const UpdateAllocation&) const {
    return EntryKind::kUpdateAllocation;
  }
  EntryKind operator()(const ArchiveAllocation&) const {
    return EntryKind::kArchiveAllocation;
  }
  EntryKind operator()(const SetLimit&) const { return EntryKind::kSetLimit; }
  EntryKind operator()(const RemoveLimit&) const {
    return EntryKind::kRemoveLimit;
  }
  EntryKind operator()(const Freeze&) const { return EntryKind::kFreeze; }
  EntryKind operator()(const Unfreeze&) const { return EntryKind::kUnfreeze; }
  EntryKind operator()(const AdjustBalance&) const {
    return EntryKind::kAdjustBalance;
  }
  EntryKind operator()(const TransferCap&) const {
    return EntryKind::kTransferCap;
  }
  EntryKind operator()(const SetPrices&) const { return EntryKind::kSetPrices; }
  template <typename T>
  EntryKind operator()(const T&) const {
    return EntryKind::kReserve;  // not administrative: never asked for
  }
};

// What a repeat of an operation answers.
struct CurrentState {
  Books& books;

  Outcome operator()(const TransferCap& op) const {
    Outcome outcome = ShowAllocation(op.from.path, books);
    Show(op.to.path, books, outcome);
    return outcome;
  }
  Outcome operator()(const SetPrices&) const {
    return {.price_version = books.set().root.price_version};
  }
  Outcome operator()(const SetLimit& op) const {
    Outcome outcome = ShowAllocation(op.path, books);
    AddReading(op.path, op.limit.name, outcome);
    return outcome;
  }
  Outcome operator()(const AdjustBalance& op) const {
    Outcome outcome = ShowAllocation(op.path, books);
    AddReading(op.path, op.limit, outcome);
    return outcome;
  }
  template <typename T>
  Outcome operator()(const T& op) const {
    if constexpr (requires { op.path; }) {
      return ShowAllocation(op.path, books);
    } else {
      return {};
    }
  }

  void AddReading(absl::string_view path, absl::string_view name,
                  Outcome& outcome) const {
    const Allocation* allocation = books.catalog().FindAllocation(path);
    if (allocation == nullptr) return;
    for (const Limit* limit : books.catalog().LimitsOf(*allocation)) {
      if (!name.empty() && limit->spec.name != name) continue;
      books.LineOf(books.CurrentPin(*limit)).Read(outcome.limits);
    }
  }
};

const AdminRequest* FindRequest(const Uuid& id, const WorkingSet& set) {
  const auto fresh = set.new_requests.find(id);
  if (fresh != set.new_requests.end()) return &fresh->second;
  const auto stored = set.requests.find(id);
  return stored == set.requests.end() ? nullptr : &stored->second;
}

}  // namespace

EntryKind KindOf(const Operation& operation) {
  return std::visit(KindVisitor{}, operation);
}

Outcome RunAdmin(const Operation& operation, const AdminContext& context,
                 Books& books) {
  AdminRequest request{.kind = KindOf(operation),
                       .fingerprint = FingerprintOf(operation)};
  if (const AdminRequest* known =
          FindRequest(context.request_id, books.set())) {
    if (known->kind != request.kind) {
      return {.refusal = Mismatch(context.request_id, "method")};
    }
    if (known->fingerprint != request.fingerprint) {
      return {.refusal = Mismatch(context.request_id, "request")};
    }
    Outcome outcome = std::visit(CurrentState{books}, operation);
    outcome.replayed = true;
    return outcome;
  }
  Outcome outcome =
      std::visit([&](const auto& op) { return Run(op, books); }, operation);
  if (outcome.ok()) {
    books.set().new_requests[context.request_id] = std::move(request);
  }
  return outcome;
}

LedgerEntry AdminEntry(EntryKind kind, const AdminContext& context,
                       const Allocation& about) {
  LedgerEntry entry;
  entry.kind = kind;
  entry.actor = context.actor;
  entry.request = context.request_id;
  entry.detail = {{"allocation", about.path}};
  return entry;
}

const Allocation& Change(Allocation changed, Books& books) {
  ++changed.version;
  changed.updated_at = books.now();
  books.set().changed_allocations.insert(changed.id);
  return books.catalog().Put(std::move(changed));
}

const Allocation& Touch(AllocationId id, Books& books) {
  return Change(*books.catalog().FindAllocation(id), books);
}

const Limit& Keep(Limit limit, Books& books) {
  books.set().changed_limits.insert(limit.id);
  return books.catalog().Put(std::move(limit));
}

std::optional<Refusal> CheckEtag(const Allocation& allocation,
                                 int64_t version) {
  if (allocation.version == version) return std::nullopt;
  return Refusal{.reason = Reason::kEtagMismatch,
                 .message = absl::StrCat(
                     "allocation ", allocation.path,
                     " was changed by somebody else; read it again and base "
                     "the change on its present etag"),
                 .subject = allocation.path};
}

void Show(absl::string_view path, Books& books, Outcome& outcome) {
  const Allocation* allocation = books.catalog().FindAllocation(path);
  if (allocation == nullptr) return;
  Outcome::AllocationView view{.allocation = *allocation};
  for (const Limit* limit : books.catalog().LimitsOf(*allocation)) {
    view.limits.push_back(*limit);
  }
  outcome.allocations.push_back(std::move(view));
}

Outcome ShowAllocation(absl::string_view path, Books& books) {
  Outcome outcome;
  Show(path, books, outcome);
  return outcome;
}

std::string CapText(std::optional<int64_t> cap) {
  return cap ? absl::StrCat(*cap) : "none";
}

std::string CountsText(const LimitSpec& limit) {
  return absl::StrCat(UnitName(limit.unit), ", ", Describe(limit.window));
}

std::string WarnText(const LimitSpec& limit) {
  return limit.warn_percent.empty() ? "none"
                                    : absl::StrJoin(limit.warn_percent, ",");
}

std::string LimitText(const Allocation& owner, const Limit& limit) {
  return absl::StrCat(owner.path, ".", limit.spec.name);
}

void AddChange(absl::string_view name, absl::string_view from,
               absl::string_view to, LedgerEntry& entry) {
  entry.detail.emplace_back(absl::StrCat(name, "_from"), std::string(from));
  entry.detail.emplace_back(absl::StrCat(name, "_to"), std::string(to));
}

}  // namespace budget
