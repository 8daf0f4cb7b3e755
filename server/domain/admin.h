#ifndef BUDGET_DOMAIN_ADMIN_H_
#define BUDGET_DOMAIN_ADMIN_H_

#include <string>

#include "server/domain/books.h"
#include "server/domain/operation.h"
#include "server/domain/outcome.h"

namespace budget {

// What administrative operations share: each request id has one effect, each
// effect is in the ledger, and each change of an allocation moves its etag.

// Runs the administrative `operation`, or, if its request id was used before
// for the same, answers with things as they are now.
Outcome RunAdmin(const Operation& operation, const AdminContext& context,
                 Books& books);

// The kind of ledger entry that the administrative `operation` makes.
EntryKind KindOf(const Operation& operation);

// All arguments of the administrative `operation` but its context, as text:
// equal if and only if the arguments are.
std::string FingerprintOf(const Operation& operation);

// A ledger entry of an administrative change of `about`.
LedgerEntry AdminEntry(EntryKind kind, const AdminContext& context,
                       const Allocation& about);

// Puts an allocation that was changed in the place of the former, with a new
// etag, and marks it for writing.
const Allocation& Change(Allocation changed, Books& books);

// The same, where only the etag changes.
const Allocation& Touch(AllocationId id, Books& books);

// Puts a limit, new or changed, in its place and marks it for writing.
const Limit& Keep(Limit limit, Books& books);

// The refusal if the etag of a call is not the allocation's.
std::optional<Refusal> CheckEtag(const Allocation& allocation,
                                 int64_t version);

// The outcome that shows the allocation at `path` as it is now.
Outcome ShowAllocation(absl::string_view path, Books& books);

// Adds the allocation at `path`, if there is one, to what `outcome` shows.
void Show(absl::string_view path, Books& books, Outcome& outcome);

// A cap for people: the figure, or "none".
std::string CapText(std::optional<int64_t> cap);

// What a limit counts, for people: "tokens, day UTC".
std::string CountsText(const LimitSpec& limit);

// The thresholds of a limit, for people: "80,95", or "none".
std::string WarnText(const LimitSpec& limit);

// What a limit is called in the details of an entry: "acme/search.life".
std::string LimitText(const Allocation& owner, const Limit& limit);

// Says in `entry` from what to what something was changed: NAME_from and
// NAME_to.
void AddChange(absl::string_view name, absl::string_view from,
               absl::string_view to, LedgerEntry& entry);

}  // namespace budget

#endif  // BUDGET_DOMAIN_ADMIN_H_
