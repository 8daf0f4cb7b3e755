#ifndef BUDGET_TESTS_MODEL_PATHS_H_
#define BUDGET_TESTS_MODEL_PATHS_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace budget::model {

// Paths as the model takes them apart: nothing of server/domain/path.h, so
// that what is wrong there is not wrong here too. They take well-formed paths.

// "acme/search" of "acme/search/key-17"; empty for a root.
absl::string_view Above(absl::string_view path);

// {"acme", "acme/search", "acme/search/key-17"}: the root first.
std::vector<absl::string_view> LineDownTo(absl::string_view path);

// Whether `path` is `top` or below it.
bool IsWithin(absl::string_view path, absl::string_view top);

}  // namespace budget::model

#endif  // BUDGET_TESTS_MODEL_PATHS_H_
