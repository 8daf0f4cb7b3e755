#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/admin.h"
#include "server/domain/handlers.h"
#include "server/domain/path.h"
#include "server/domain/policy.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

std::string Text(const std::map<std::string, std::string>& labels) {
  return absl::StrJoin(labels, ",", absl::PairFormatter("="));
}

std::string Text(const Policies& policies) {
  return absl::StrCat(
      "on_expiry=", static_cast<int>(policies.on_expiry),
      " overage=", static_cast<int>(policies.overage),
      " unpriced=", static_cast<int>(policies.unpriced),
      " unpriced_charge_usd_nanos=", policies.unpriced_charge_usd_nanos,
      " held_denial=", static_cast<int>(policies.held_denial));
}

const std::string& Text(const std::string& text) { return text; }

absl::string_view BoolText(bool value) { return value ? "true" : "false"; }

// Replaces `field` by `value` where one is given, and says so.
template <typename T>
void Replace(absl::string_view name, const std::optional<T>& value, T& field,
             LedgerEntry& entry) {
  if (!value) return;
  AddChange(name, Text(field), Text(*value), entry);
  field = *value;
}

std::optional<Refusal> CheckNew(const CreateAllocation& op, Books& books) {
  if (books.catalog().FindAllocation(op.path) != nullptr) {
    return Refusal{.reason = Reason::kAllocationExists,
                   .message = absl::StrCat("allocation ", op.path,
                                           " exists already"),
                   .subject = op.path};
  }
  const absl::string_view parent = ParentOf(op.path);
  if (parent.empty()) return std::nullopt;
  if (books.catalog().FindAllocation(parent) == nullptr) {
    return AllocationNotFound(parent);
  }
  if (const Allocation* archived = ArchivedAt(books.catalog(), parent)) {
    return Archived(*archived);
  }
  return std::nullopt;
}

}  // namespace

Outcome Run(const CreateAllocation& op, Books& books) {
  if (auto refusal = CheckNew(op, books)) return {.refusal = refusal};
  RootRecord& root = books.set().root;
  root.name = std::string(RootOf(op.path));
  const Allocation& created =
      books.catalog().Put(Allocation{.id = ++root.last_allocation,
                                     .path = op.path,
                                     .display_name = op.display_name,
                                     .labels = op.labels,
                                     .policies = op.policies,
                                     .created_at = books.now(),
                                     .updated_at = books.now()});
  books.set().changed_allocations.insert(created.id);
  books.set().with_children.emplace(ParentOf(op.path));
  LedgerEntry entry =
      AdminEntry(EntryKind::kCreateAllocation, op.context, created);
  entry.detail.emplace_back("policies", Text(op.policies));
  entry.detail.emplace_back("display_name", op.display_name);
  entry.detail.emplace_back("labels", Text(op.labels));
  for (const LimitSpec& spec : op.limits) {
    const Limit& limit = Keep(
        {.id = ++root.last_limit, .allocation = created.id, .spec = spec},
        books);
    entry.caps.push_back({.limit = limit.id, .cap = spec.cap});
    entry.detail.emplace_back(absl::StrCat("cap_to.", spec.name),
                              CapText(spec.cap));
    entry.detail.emplace_back(absl::StrCat("counts.", spec.name),
                              CountsText(spec));
    entry.detail.emplace_back(absl::StrCat("warn_percent_to.", spec.name),
                              WarnText(spec));
  }
  books.Post(std::move(entry));
  return ShowAllocation(op.path, books);
}

Outcome Run(const UpdateAllocation& op, Books& books) {
  const Allocation* allocation = books.catalog().FindAllocation(op.path);
  if (allocation == nullptr) return {.refusal = AllocationNotFound(op.path)};
  if (auto refusal = CheckEtag(*allocation, op.version)) {
    return {.refusal = refusal};
  }
  LedgerEntry entry =
      AdminEntry(EntryKind::kUpdateAllocation, op.context, *allocation);
  Allocation changed = *allocation;
  Replace("display_name", op.display_name, changed.display_name, entry);
  Replace("labels", op.labels, changed.labels, entry);
  Replace("policies", op.policies, changed.policies, entry);
  Change(std::move(changed), books);
  books.Post(std::move(entry));
  return ShowAllocation(op.path, books);
}

Outcome Run(const ArchiveAllocation& op, Books& books) {
  const Allocation* allocation = books.catalog().FindAllocation(op.path);
  if (allocation == nullptr) return {.refusal = AllocationNotFound(op.path)};
  if (auto refusal = CheckEtag(*allocation, op.version)) {
    return {.refusal = refusal};
  }
  if (books.set().with_children.contains(op.path)) {
    return {.refusal = Refusal{
                .reason = Reason::kAllocationNotEmpty,
                .message = absl::StrCat("allocation ", op.path,
                                        " has allocations below it that are "
                                        "not archived; archive them first"),
                .subject = op.path}};
  }
  if (allocation->archived) return ShowAllocation(op.path, books);
  Allocation changed = *allocation;
  changed.archived = true;
  LedgerEntry entry = AdminEntry(EntryKind::kArchiveAllocation, op.context,
                                 Change(std::move(changed), books));
  AddChange("archived", "false", "true", entry);
  books.Post(std::move(entry));
  return ShowAllocation(op.path, books);
}

Outcome Run(const Freeze& op, Books& books) {
  const Allocation* allocation = books.catalog().FindAllocation(op.path);
  if (allocation == nullptr) return {.refusal = AllocationNotFound(op.path)};
  LedgerEntry entry = AdminEntry(EntryKind::kFreeze, op.context, *allocation);
  AddChange("frozen", BoolText(allocation->frozen), "true", entry);
  AddChange("freeze_reason", allocation->freeze_reason, op.reason, entry);
  Allocation changed = *allocation;
  changed.frozen = true;
  changed.freeze_reason = op.reason;
  Change(std::move(changed), books);
  books.Post(std::move(entry));
  return ShowAllocation(op.path, books);
}

Outcome Run(const Unfreeze& op, Books& books) {
  const Allocation* allocation = books.catalog().FindAllocation(op.path);
  if (allocation == nullptr) return {.refusal = AllocationNotFound(op.path)};
  if (!allocation->frozen) return ShowAllocation(op.path, books);
  LedgerEntry entry =
      AdminEntry(EntryKind::kUnfreeze, op.context, *allocation);
  AddChange("frozen", "true", "false", entry);
  AddChange("freeze_reason", allocation->freeze_reason, "", entry);
  Allocation changed = *allocation;
  changed.frozen = false;
  changed.freeze_reason.clear();
  Change(std::move(changed), books);
  books.Post(std::move(entry));
  return ShowAllocation(op.path, books);
}

}  // namespace budget
