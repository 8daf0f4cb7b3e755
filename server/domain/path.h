#ifndef BUDGET_DOMAIN_PATH_H_
#define BUDGET_DOMAIN_PATH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace budget {

// Paths of allocations: 1 to 8 segments joined by '/', as in
// "acme/search/key-17". Pure functions on text; thread-safe.

inline constexpr int kPathSegmentsMax = 8;
inline constexpr int kSegmentLengthMax = 63;

// Whether `name` is [a-z0-9][a-z0-9._-]{0,62}: the form of a path segment, a
// limit name, a tag key and a meter.
bool IsName(absl::string_view name);

// OK, or INVALID_ARGUMENT with a message that says what to change.
absl::Status CheckPath(absl::string_view path);

// The functions below take well-formed paths.

// "acme" of "acme/search/key-17".
absl::string_view RootOf(absl::string_view path);

// "acme/search" of "acme/search/key-17"; empty for a root.
absl::string_view ParentOf(absl::string_view path);

// {"acme", "acme/search", "acme/search/key-17"}: the chain, root first.
std::vector<absl::string_view> ChainOf(absl::string_view path);

// Whether `path` is `ancestor` or below it.
bool IsAtOrUnder(absl::string_view path, absl::string_view ancestor);

// Names all allocations where a subtree is asked for; no path is spelt so.
inline constexpr absl::string_view kEverything = "*";

// Whether `path` is in `subtree`: an allocation with all below it, or
// everything. kEverything as a path is in everything alone.
bool IsIn(absl::string_view path, absl::string_view subtree);

}  // namespace budget

#endif  // BUDGET_DOMAIN_PATH_H_
