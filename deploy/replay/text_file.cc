#include "deploy/replay/text_file.h"

#include <fstream>

#include "absl/strings/str_cat.h"

namespace budget::replay {

absl::Status WriteTextFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot write ", path));
}

}  // namespace budget::replay
