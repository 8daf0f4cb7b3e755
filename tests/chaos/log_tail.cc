#include "tests/chaos/log_tail.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"

namespace budget::chaos {
namespace {

constexpr char kTime[] = R"("time":")";

uintmax_t SizeOf(const std::string& path) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace

LogTail::LogTail(std::string path)
    : path_(std::move(path)), begin_(SizeOf(path_)) {}

std::string LogTail::Text() const {
  std::ifstream file(path_);
  file.seekg(static_cast<std::streamoff>(begin_));
  return {std::istreambuf_iterator<char>(file), {}};
}

bool LogTail::Says(absl::string_view words) const {
  return absl::StrContains(Text(), words);
}

std::optional<absl::Time> LogTail::FirstTime() const {
  const std::string text = Text();
  const size_t found = text.find(kTime);
  if (found == std::string::npos) return std::nullopt;
  const size_t begin = found + sizeof(kTime) - 1;
  absl::Time time;
  const bool parsed =
      absl::ParseTime(absl::RFC3339_full,
                      text.substr(begin, text.find('"', begin) - begin), &time,
                      nullptr);
  return parsed ? std::make_optional(time) : std::nullopt;
}

}  // namespace budget::chaos
