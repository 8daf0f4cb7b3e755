#ifndef BUDGET_TESTS_BENCH_TARGETS_H_
#define BUDGET_TESTS_BENCH_TARGETS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "budget/security.h"
#include "grpcpp/channel.h"

namespace budget::bench {

// How a server is reached; the one place where connections are made.
struct Target {
  std::string endpoint;  // "host:port"
  Security security;
};

// `each` connections to every target, not shared with others, in turn: one of
// the first, one of the second, ..., the next of the first, and so on. Errors
// are those of ChannelOpener.
absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> Connect(
    absl::Span<const Target> targets, int each);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_TARGETS_H_
