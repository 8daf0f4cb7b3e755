#ifndef BUDGET_ACCESS_GRANT_H_
#define BUDGET_ACCESS_GRANT_H_

#include <compare>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/access/role.h"

namespace budget {

// A principal has a role in a subtree: a path, with all below it, or
// kEverything. The path need not exist yet.
struct Grant {
  std::string principal;
  Role role = Role::kViewer;
  std::string subtree;

  friend auto operator<=>(const Grant&, const Grant&) = default;
};

// Names of principals are 1 to 600 printable ASCII characters without blanks.
// Those with a colon come from elsewhere: "spiffe:", "dns:" and "jwt:" are of
// certificates and JWTs, so tokens are for names without one.
inline constexpr int kPrincipalBytesMax = 600;

// OK, or INVALID_ARGUMENT with a message that goes on from the field's name.
absl::Status CheckPrincipal(absl::string_view principal);
absl::Status CheckTokenPrincipal(absl::string_view principal);
absl::Status CheckSubtree(absl::string_view subtree);

}  // namespace budget

#endif  // BUDGET_ACCESS_GRANT_H_
