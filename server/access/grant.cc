#include "server/access/grant.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/domain/path.h"

namespace budget {

absl::Status CheckPrincipal(absl::string_view principal) {
  const bool printable = std::all_of(
      principal.begin(), principal.end(),
      [](char c) { return absl::ascii_isgraph(static_cast<uint8_t>(c)); });
  if (!principal.empty() && principal.size() <= kPrincipalBytesMax &&
      printable) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("must be 1 to ", kPrincipalBytesMax,
                   " printable ASCII characters without blanks, such as "
                   "gateway-eu or spiffe://example.org/gateway"));
}

absl::Status CheckTokenPrincipal(absl::string_view principal) {
  if (principal.find(':') != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "has a colon; names with one belong to certificates and JWTs, give a "
        "plain one such as gateway-eu");
  }
  return CheckPrincipal(principal);
}

absl::Status CheckSubtree(absl::string_view subtree) {
  if (subtree == kEverything || CheckPath(subtree).ok()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "must be the path of an allocation, such as acme/search, or * for all");
}

}  // namespace budget
