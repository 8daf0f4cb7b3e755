#include "server/rpc/parse_watch.h"

#include <string>

#include "server/domain/path.h"
#include "server/rpc/field_error.h"
#include "server/rpc/parse_field.h"

namespace budget {
namespace {

constexpr DurationRule kIntervalRule = {.min = absl::Milliseconds(100),
                                        .max = absl::Hours(1)};

}  // namespace

absl::Status Parse(const v1::WatchRemainingRequest& request,
                   WatchStream::Subject& out) {
  BUDGET_RETURN_IF_ERROR(
      ParsePath("allocation", request.allocation(), out.path));
  out.root = std::string(RootOf(out.path));
  out.min_interval = absl::Seconds(1);
  if (!request.has_min_interval()) return absl::OkStatus();
  return ParseDuration("min_interval", request.min_interval(), kIntervalRule,
                       out.min_interval);
}

}  // namespace budget
