#include "tests/model/paths.h"

#include <algorithm>

namespace budget::model {

absl::string_view Above(absl::string_view path) {
  while (!path.empty() && path.back() != '/') path.remove_suffix(1);
  if (!path.empty()) path.remove_suffix(1);
  return path;
}

std::vector<absl::string_view> LineDownTo(absl::string_view path) {
  std::vector<absl::string_view> line;
  for (; !path.empty(); path = Above(path)) line.push_back(path);
  std::reverse(line.begin(), line.end());
  return line;
}

bool IsWithin(absl::string_view path, absl::string_view top) {
  while (!path.empty() && path != top) path = Above(path);
  return !path.empty();
}

}  // namespace budget::model
