#ifndef BUDGET_CTL_ROOTS_H_
#define BUDGET_CTL_ROOTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "budget/client.h"

namespace budget {

// Every root, archived ones too, in order.
absl::StatusOr<std::vector<std::string>> ListRoots(Client& client,
                                                   const CallOptions& options);

}  // namespace budget

#endif  // BUDGET_CTL_ROOTS_H_
