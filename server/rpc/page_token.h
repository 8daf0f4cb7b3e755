#ifndef BUDGET_RPC_PAGE_TOKEN_H_
#define BUDGET_RPC_PAGE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace budget {

// Opaque tokens of lists: where the next page begins, bound to the other
// arguments of the call. Every replica reads what any replica made. Pure.

// A stable fingerprint of `request` without its page_token.
template <typename Request>
uint64_t ArgumentsOf(Request request);

std::string MakePageToken(uint64_t arguments, absl::string_view cursor);

// The cursor; empty for an empty token, which begins at the first page. A
// FieldError of page_token if it is not of a call with these arguments.
absl::StatusOr<std::string> ReadPageToken(uint64_t arguments,
                                          absl::string_view token);

uint64_t Fingerprint(absl::string_view bytes);

template <typename Request>
uint64_t ArgumentsOf(Request request) {
  request.clear_page_token();
  return Fingerprint(
      absl::string_view(request.GetTypeName() + request.SerializeAsString()));
}

}  // namespace budget

#endif  // BUDGET_RPC_PAGE_TOKEN_H_
