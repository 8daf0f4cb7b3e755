#ifndef BUDGET_BASE_FILE_H_
#define BUDGET_BASE_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace budget {

// The content of a file of at most `bytes_max`. FAILED_PRECONDITION with the
// cause, without the path: the caller knows which flag named it.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path,
                                          size_t bytes_max);

}  // namespace budget

#endif  // BUDGET_BASE_FILE_H_
