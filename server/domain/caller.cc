#include "server/domain/caller.h"

#include <algorithm>

#include "server/domain/path.h"

namespace budget {
namespace {

bool IsInAny(absl::string_view path, const std::vector<std::string>& subtrees) {
  return std::any_of(
      subtrees.begin(), subtrees.end(),
      [&](const std::string& subtree) { return IsIn(path, subtree); });
}

}  // namespace

const std::string& PrincipalOf(const CallerRef& caller) {
  static const std::string& nobody = *new std::string;
  return caller == nullptr ? nobody : caller->principal;
}

bool MayTouch(const CallerRef& caller, const Reservation& reservation) {
  if (caller == nullptr) return true;
  const std::string& owner = reservation.terms->owner;
  const bool own = owner.empty() || owner == caller->principal;
  const std::vector<std::string>& paths = reservation.payload().allocations;
  return std::all_of(
      paths.begin(), paths.end(), [&](const std::string& path) {
        return IsInAny(path, caller->all_in) ||
               (own && IsInAny(path, caller->own_in));
      });
}

}  // namespace budget
