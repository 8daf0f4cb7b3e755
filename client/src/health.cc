#include "budget/health.h"

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpc_connection.h"

namespace budget {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(50);
constexpr int kServing = 1;

// grpc.health.v1's messages have one field each, on the wire the same as these
// wrappers; no package ships its .proto.
using HealthStub = grpc::TemplatedGenericStub<google::protobuf::StringValue,
                                              google::protobuf::Int32Value>;

absl::Status CheckOnce(HealthStub& stub, absl::Time deadline) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(
      &context, "/grpc.health.v1.Health/Check", {}, &queue);
  call->StartCall();
  google::protobuf::Int32Value answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool finished = false;
  queue.Next(&tag, &finished);
  if (!status.ok()) return StatusFrom(status);
  if (answer.value() == kServing) return absl::OkStatus();
  return absl::UnavailableError("the server says NOT_SERVING");
}

}  // namespace

absl::Status WaitUntilServing(const std::string& endpoint,
                              absl::Duration timeout,
                              const Security& security) {
  const absl::StatusOr<ChannelOpener> opener = ChannelOpener::Make(security);
  if (!opener.ok()) return opener.status();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 250);
  const auto channel = opener->Open(endpoint, arguments);
  if (!channel.ok()) return channel.status();
  HealthStub stub(*channel);
  const absl::Time deadline = absl::Now() + timeout;
  for (;;) {
    const absl::Status status =
        CheckOnce(stub, std::min(deadline, absl::Now() + absl::Seconds(2)));
    if (status.ok()) return status;
    if (absl::Now() + kPollInterval >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat(endpoint, " was not ready within ",
                       absl::FormatDuration(timeout), ": ", status.message()));
    }
    absl::SleepFor(kPollInterval);
  }
}

}  // namespace budget
