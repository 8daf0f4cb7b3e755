#ifndef BUDGET_ACCESS_ROLE_H_
#define BUDGET_ACCESS_ROLE_H_

#include <initializer_list>
#include <optional>

#include "absl/strings/string_view.h"

namespace budget {

// What a principal is, in the subtree that it is bound to. Stored in the
// database and equal to budget.v1.Role: never renumber.
enum class Role : int {
  kGateway = 1,  // reserves and settles what it reserved
  kViewer = 2,   // reads budgets
  kAdmin = 3,    // changes budgets and grants roles; reads all
  kAuditor = 4,  // reads all, the ledger included
};

inline constexpr Role kRoles[] = {Role::kGateway, Role::kViewer, Role::kAdmin,
                                  Role::kAuditor};

// "gateway"
absl::string_view RoleName(Role role);
std::optional<Role> RoleFromName(absl::string_view name);

// Some of the roles.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= Bit(role);
  }

  constexpr bool Has(Role role) const { return (bits_ & Bit(role)) != 0; }

 private:
  static constexpr unsigned Bit(Role role) {
    return 1u << static_cast<unsigned>(role);
  }

  unsigned bits_ = 0;
};

}  // namespace budget

#endif  // BUDGET_ACCESS_ROLE_H_
