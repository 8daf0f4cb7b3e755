#include "server/domain/path.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace budget {
namespace {

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsNameChar(char c) {
  return IsAlphanumeric(c) || c == '.' || c == '_' || c == '-';
}

}  // namespace

bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kSegmentLengthMax &&
         IsAlphanumeric(name[0]) &&
         std::all_of(name.begin(), name.end(), IsNameChar);
}

absl::Status CheckPath(absl::string_view path) {
  if (path.empty()) {
    return absl::InvalidArgumentError(
        "is empty; give a path such as \"acme/search/key-17\"");
  }
  const std::vector<absl::string_view> segments = absl::StrSplit(path, '/');
  if (segments.size() > kPathSegmentsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", segments.size(), " segments; at most ",
                     kPathSegmentsMax, " are allowed"));
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    if (IsName(segments[i])) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "segment ", i + 1, " must be 1 to ", kSegmentLengthMax,
        " of a-z, 0-9, '.', '_', '-', beginning with a letter or digit"));
  }
  return absl::OkStatus();
}

absl::string_view RootOf(absl::string_view path) {
  return path.substr(0, path.find('/'));
}

absl::string_view ParentOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? absl::string_view()
                                          : path.substr(0, slash);
}

std::vector<absl::string_view> ChainOf(absl::string_view path) {
  std::vector<absl::string_view> chain;
  for (size_t i = path.find('/'); i != absl::string_view::npos;
       i = path.find('/', i + 1)) {
    chain.push_back(path.substr(0, i));
  }
  chain.push_back(path);
  return chain;
}

bool IsAtOrUnder(absl::string_view path, absl::string_view ancestor) {
  return absl::StartsWith(path, ancestor) &&
         (path.size() == ancestor.size() || path[ancestor.size()] == '/');
}

bool IsIn(absl::string_view path, absl::string_view subtree) {
  return subtree == kEverything || IsAtOrUnder(path, subtree);
}

}  // namespace budget
