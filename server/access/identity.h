#ifndef BUDGET_ACCESS_IDENTITY_H_
#define BUDGET_ACCESS_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/access/grant.h"
#include "server/access/role.h"
#include "server/access/token.h"
#include "server/domain/caller.h"

namespace budget {

// A principal with what it may do, as of one reading of the grants. Never
// changes: shared by all calls that it makes meanwhile. Thread-safe.
class Identity {
 public:
  // `grants` are of this principal.
  Identity(const std::string& principal, const std::vector<Grant>& grants);

  // The same for the bearer of a token, which is good for nothing outside its
  // own subtree.
  Identity(const TokenRecord& token, const std::vector<Grant>& grants);

  const std::string& principal() const { return writer_->principal; }
  // Empty unless it is the bearer of a token.
  const std::string& token_id() const { return token_id_; }

  // Whether it has one of `roles` anywhere.
  bool HasAny(RoleSet roles) const;
  // Whether it has one of them at `path`, which may be kEverything.
  bool Covers(RoleSet roles, absl::string_view path) const;
  // Whether it has one of them at any allocation of `root`.
  bool SharesRoot(RoleSet roles, absl::string_view root) const;
  // Where it has one of them: paths or kEverything.
  std::vector<std::string> SubtreesOf(RoleSet roles) const;

  // Which reservations it may change, and which it may read.
  const CallerRef& writer() const { return writer_; }
  const CallerRef& reader() const { return reader_; }

 private:
  struct Reach {
    Role role;
    std::string subtree;
  };

  void MakeCallers(const std::string& principal);

  std::string token_id_;
  std::vector<Reach> reaches_;
  CallerRef writer_;
  CallerRef reader_;
};

}  // namespace budget

#endif  // BUDGET_ACCESS_IDENTITY_H_
