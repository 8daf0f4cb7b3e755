#include "server/access/identity.h"

#include <algorithm>
#include <utility>

#include "server/access/rights.h"
#include "server/domain/path.h"

namespace budget {

Identity::Identity(const std::string& principal,
                   const std::vector<Grant>& grants) {
  for (const Grant& grant : grants) {
    reaches_.push_back({grant.role, grant.subtree});
  }
  MakeCallers(principal);
}

Identity::Identity(const TokenRecord& token, const std::vector<Grant>& grants)
    : token_id_(token.id) {
  for (const Grant& grant : grants) {
    if (IsIn(grant.subtree, token.subtree)) {
      reaches_.push_back({grant.role, grant.subtree});
    } else if (IsIn(token.subtree, grant.subtree)) {
      reaches_.push_back({grant.role, token.subtree});
    }
  }
  MakeCallers(token.principal);
}

void Identity::MakeCallers(const std::string& principal) {
  const auto make = [&](RoleSet all) {
    return std::make_shared<const Caller>(
        Caller{.principal = principal,
               .own_in = SubtreesOf({Role::kGateway}),
               .all_in = SubtreesOf(all)});
  };
  writer_ = make({Role::kAdmin});
  reader_ = make(kReaders);
}

bool Identity::HasAny(RoleSet roles) const {
  return std::any_of(reaches_.begin(), reaches_.end(), [&](const Reach& reach) {
    return roles.Has(reach.role);
  });
}

bool Identity::Covers(RoleSet roles, absl::string_view path) const {
  return std::any_of(reaches_.begin(), reaches_.end(), [&](const Reach& reach) {
    return roles.Has(reach.role) && IsIn(path, reach.subtree);
  });
}

bool Identity::SharesRoot(RoleSet roles, absl::string_view root) const {
  return std::any_of(reaches_.begin(), reaches_.end(), [&](const Reach& reach) {
    return roles.Has(reach.role) &&
           (reach.subtree == kEverything || RootOf(reach.subtree) == root);
  });
}

std::vector<std::string> Identity::SubtreesOf(RoleSet roles) const {
  std::vector<std::string> subtrees;
  for (const Reach& reach : reaches_) {
    if (roles.Has(reach.role)) subtrees.push_back(reach.subtree);
  }
  return subtrees;
}

}  // namespace budget
