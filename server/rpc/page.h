#ifndef BUDGET_RPC_PAGE_H_
#define BUDGET_RPC_PAGE_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "server/rpc/field_error.h"
#include "server/rpc/page_token.h"
#include "server/rpc/parse_field.h"

namespace budget {

// page_size and page_token of any list request.
template <typename Request>
absl::Status ParsePage(const Request& request, int& size, std::string& cursor) {
  BUDGET_RETURN_IF_ERROR(ParsePageSize("page_size", request.page_size(), size));
  absl::StatusOr<std::string> read =
      ReadPageToken(ArgumentsOf(request), request.page_token());
  BUDGET_RETURN_IF_ERROR(read.status());
  cursor = *std::move(read);
  return absl::OkStatus();
}

inline absl::Status BrokenToken() {
  return FieldError("page_token", "is damaged; begin again without it");
}

}  // namespace budget

#endif  // BUDGET_RPC_PAGE_H_
