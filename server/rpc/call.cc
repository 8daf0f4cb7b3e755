#include "server/rpc/call.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "server/domain/shown.h"

namespace budget {
namespace {

constexpr absl::Duration kDeadlineMax = absl::Minutes(1);
constexpr absl::Duration kOverloadRetry = absl::Milliseconds(500);

}  // namespace

absl::Time DeadlineOf(const grpc::CallbackServerContext& context,
                      const Backend& backend) {
  const std::chrono::system_clock::time_point given = context.deadline();
  if (given == std::chrono::system_clock::time_point::max()) {
    return backend.clock.Now() + backend.default_deadline;
  }
  // gRPC counts by the system clock, which is not the backend's in tests.
  const absl::Duration left = absl::FromChrono(given) - absl::Now();
  return backend.clock.Now() + std::min(left, kDeadlineMax);
}

CallerId CallerIdOf(const Pass& pass, absl::string_view peer) {
  if (!pass.everything()) return absl::HashOf(pass.principal());
  return absl::HashOf(peer.substr(0, peer.rfind(':')));
}

Dispatcher::Terms TermsOf(const Call& call, const Pass& pass,
                          const Backend& backend) {
  return {.deadline = DeadlineOf(call.context, backend),
          .bytes = static_cast<int64_t>(call.request.Length()),
          .caller = CallerIdOf(pass, call.context.peer())};
}

Refusal Overloaded(const Backend& backend, absl::string_view message) {
  return {.reason = Reason::kOverloaded,
          .message = std::string(message),
          .retry_after = backend.retries.After(kOverloadRetry)};
}

// A page of a list is short, however long the list: only this reads it all.
ReadLength LengthOf(Method method) {
  return method == Method::kVerify ? ReadLength::kLong : ReadLength::kShort;
}

Refusal TooManyReads(const Backend& backend, ReadLength length) {
  return Overloaded(backend,
                    length == ReadLength::kLong
                        ? "roots are verified one at a time here, and too many "
                          "are waiting; try again, or at another replica"
                        : "too many calls are waiting; try again");
}

void HideForeign(const Pass& pass, OperationResult& result) {
  if (result.set == nullptr || pass.SeesAll()) return;
  HideForeign([&](absl::string_view path) { return pass.Sees(path); },
              result.set->catalog, result.outcome);
}

}  // namespace budget
