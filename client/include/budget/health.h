#ifndef BUDGET_HEALTH_H_
#define BUDGET_HEALTH_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace grpc {
class ChannelCredentials;
}

namespace budget {

// Waits until the health service at `endpoint` ("host:port") says SERVING for
// the whole server. DEADLINE_EXCEEDED, with what it said last, after `timeout`.
// Null credentials: plain text.
absl::Status WaitUntilServing(
    const std::string& endpoint, absl::Duration timeout,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials = nullptr);

}  // namespace budget

#endif  // BUDGET_HEALTH_H_
