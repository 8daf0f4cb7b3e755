#include "grpc_connection.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "budget/denial.h"
#include "google/rpc/status.pb.h"

namespace budget {
namespace {

grpc::ChannelArguments ChannelArgumentsFrom(const ConnectionOptions& options) {
  grpc::ChannelArguments arguments;
  const auto ms = [](absl::Duration d) {
    return static_cast<int>(absl::ToInt64Milliseconds(d));
  };
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, ms(options.keepalive_time));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                   ms(options.keepalive_timeout));
  // The reconnect backoff of gRPC also bounds the time to connect; short,
  // because the retry loop above does its own waiting.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
                   ms(options.connect_timeout));
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS,
                   ms(options.connect_timeout));
  // Retries are ours: they must know about other endpoints and RetryInfo.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return arguments;
}

// Spreads the connections of a process over the endpoints.
size_t NextStart() {
  static std::atomic<size_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed);
}

// Refused before anything was begun. Trouble of the storage is something else:
// what met it may have been done.
bool IsTurnedAway(const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return false;
  const std::string reason = ErrorReasonOf(status).reason;
  return reason == "DRAINING" || reason == "OVERLOADED";
}

// Had no effect: malformed, not allowed, or about what is not there.
bool IsWrongInItself(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsUnauthenticated(status) ||
         absl::IsPermissionDenied(status) || absl::IsNotFound(status);
}

}  // namespace

absl::Status StatusFrom(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  // gRPC's own word for a call that arrives while its server begins to stop.
  if (status.error_code() == grpc::StatusCode::CANCELLED) {
    return absl::UnavailableError("the server stopped as the call arrived");
  }
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) details.Clear();
  details.set_code(status.error_code());
  details.set_message(status.error_message());
  return StatusFrom(details);
}

absl::Status StatusOf(const v1::BatchResponse& answer) {
  absl::Status turned_away;  // OK: none was
  for (const v1::BatchResult& result : answer.results()) {
    const absl::Status status = StatusFrom(result.error());
    if (IsTurnedAway(status)) {
      turned_away.Update(status);
    } else if (!IsWrongInItself(status)) {
      return absl::OkStatus();
    }
  }
  return turned_away;
}

GrpcConnection::GrpcConnection(
    ConnectionOptions options,
    const std::vector<std::shared_ptr<grpc::Channel>>& channels)
    : options_(std::move(options)), current_(NextStart() % channels.size()) {
  for (const std::shared_ptr<grpc::Channel>& channel : channels) {
    endpoints_.push_back({v1::BudgetService::NewStub(channel),
                          v1::BudgetAdmin::NewStub(channel),
                          v1::LedgerService::NewStub(channel),
                          v1::AccessService::NewStub(channel)});
  }
}

void GrpcConnection::LeaveEndpoint(size_t at) {
  current_.compare_exchange_strong(at, (at + 1) % endpoints_.size());
}

absl::Status GrpcConnection::WatchOnce(
    const v1::WatchRemainingRequest& request, const std::stop_token& stop,
    absl::FunctionRef<bool(const v1::QueryRemainingResponse&)> on_update) {
  const size_t at = current_.load(std::memory_order_relaxed);
  grpc::ClientContext context;
  const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
  const auto reader = endpoints_[at].budget->WatchRemaining(&context, request);
  v1::WatchRemainingResponse message;
  while (reader->Read(&message)) {
    if (on_update(message.remaining())) continue;
    context.TryCancel();
    while (reader->Read(&message)) {
    }
    (void)reader->Finish();  // CANCELLED, as asked for
    return absl::OkStatus();
  }
  const grpc::Status answer = reader->Finish();
  if (stop.stop_requested()) return absl::CancelledError("the watch was stopped");
  LeaveEndpoint(at);
  // A stream is not meant to end: a server that drains closes it with OK.
  if (answer.ok()) return absl::UnavailableError("the server ended the stream");
  return StatusFrom(answer);
}

absl::Status GrpcConnection::Watch(
    const v1::WatchRemainingRequest& request, const CallOptions& options,
    absl::FunctionRef<bool(const v1::QueryRemainingResponse&)> on_update,
    std::stop_token stop) {
  for (;;) {
    bool received = false;
    bool finished = false;
    const auto mark = [&](const v1::QueryRemainingResponse& remaining) {
      received = true;
      return on_update(remaining);
    };
    const absl::Status status = RunWithRetries(
        options_.retry, options_.retry.Now() + options.timeout, EndpointCount(),
        [&](absl::Time) {
          const absl::Status once = WatchOnce(request, stop, mark);
          finished = once.ok();
          // A stream that had worked starts with a fresh budget of retries.
          if (received && absl::IsUnavailable(once)) return absl::OkStatus();
          return once;
        });
    if (finished || !status.ok()) return status;
    options_.retry.Sleep(options_.retry.backoff(1));
  }
}

std::vector<std::string> ParseEndpoints(absl::string_view comma_list) {
  std::vector<std::string> endpoints;
  for (absl::string_view part : absl::StrSplit(comma_list, ',')) {
    part = absl::StripAsciiWhitespace(part);
    if (!part.empty()) endpoints.emplace_back(part);
  }
  return endpoints;
}

absl::StatusOr<std::shared_ptr<Connection>> MakeConnection(
    ConnectionOptions options) {
  if (options.endpoints.empty()) {
    return absl::InvalidArgumentError(
        "no endpoint: name at least one as host:port");
  }
  const absl::StatusOr<ChannelOpener> opener =
      ChannelOpener::Make(options.security);
  if (!opener.ok()) return opener.status();
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (const std::string& endpoint : options.endpoints) {
    auto channel = opener->Open(endpoint, ChannelArgumentsFrom(options));
    if (!channel.ok()) return channel.status();
    channels.push_back(*std::move(channel));
  }
  return std::shared_ptr<Connection>(
      std::make_shared<GrpcConnection>(std::move(options), channels));
}

}  // namespace budget
