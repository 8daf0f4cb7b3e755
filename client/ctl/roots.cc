#include "client/ctl/roots.h"

namespace budget {

absl::StatusOr<std::vector<std::string>> ListRoots(
    Client& client, const CallOptions& options) {
  v1::ListAllocationsRequest request;
  request.set_include_archived(true);
  request.set_page_size(1000);
  std::vector<std::string> roots;
  do {
    const auto page = client.ListAllocations(request, options);
    if (!page.ok()) return page.status();
    for (const v1::Allocation& allocation : page->allocations()) {
      if (allocation.path().find('/') == std::string::npos) {
        roots.push_back(allocation.path());
      }
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return roots;
}

}  // namespace budget
