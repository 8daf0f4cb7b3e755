#ifndef BUDGET_REPLAY_TEXT_FILE_H_
#define BUDGET_REPLAY_TEXT_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace budget::replay {

// Writes `text` in place of what is at `path`. INTERNAL, naming the path, if
// that fails.
absl::Status WriteTextFile(const std::string& path, const std::string& text);

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_TEXT_FILE_H_
