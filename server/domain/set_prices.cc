#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/admin.h"
#include "server/domain/handlers.h"
#include "server/domain/prices.h"
#include "server/domain/refusal.h"

namespace budget {

Outcome Run(const SetPrices& op, Books& books) {
  const Allocation* owner = books.catalog().FindAllocation(op.root);
  if (owner == nullptr) return {.refusal = AllocationNotFound(op.root)};
  RootRecord& root = books.set().root;
  if (op.replaces_version != root.price_version) {
    return {.refusal = Refusal{
                .reason = Reason::kEtagMismatch,
                .message = absl::StrCat(
                    "replaces_version is ", op.replaces_version,
                    " but the price version in force is ", root.price_version,
                    "; read it and base the change on it"),
                .subject = op.root}};
  }
  LedgerEntry entry = AdminEntry(EntryKind::kSetPrices, op.context, *owner);
  // Every version stays readable.
  AddChange("version", absl::StrCat(root.price_version),
            absl::StrCat(root.price_version + 1), entry);
  ++root.price_version;
  entry.detail.emplace_back("models", absl::StrCat(op.prices.size()));
  entry.detail.emplace_back(kPricesDigestDetail, DigestOfPrices(op.prices));
  books.set().new_prices[root.price_version] = op.prices;
  for (const ModelPrice& price : op.prices) {
    books.set().prices[{root.price_version, price.model}] = price;
  }
  books.Post(std::move(entry));
  return {.price_version = root.price_version};
}

}  // namespace budget
