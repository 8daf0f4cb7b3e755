#ifndef BUDGET_CTL_ACCESS_VIEWS_H_
#define BUDGET_CTL_ACCESS_VIEWS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "budget/v1/access_service.pb.h"

namespace budget {

// Tables and texts for people about tokens, grants and their changes.

// "admin"
std::string RoleText(v1::Role role);
// INVALID_ARGUMENT, with all names, for any other word.
absl::StatusOr<v1::Role> ParseRole(absl::string_view text);

// The secret stands alone in the first line.
std::string RenderNewToken(const v1::CreateTokenResponse& answer,
                           const absl::TimeZone& zone);
std::string RenderTokens(const std::vector<v1::Token>& tokens, absl::Time now,
                         const absl::TimeZone& zone);
std::string RenderGrants(const std::vector<v1::Grant>& grants);
std::string RenderAccessChanges(const std::vector<v1::AccessChange>& changes,
                                const absl::TimeZone& zone);

}  // namespace budget

#endif  // BUDGET_CTL_ACCESS_VIEWS_H_
