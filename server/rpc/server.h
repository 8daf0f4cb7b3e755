#ifndef BUDGET_RPC_SERVER_H_
#define BUDGET_RPC_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/server_credentials.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/lane/dispatcher.h"

namespace budget {

struct RpcOptions {
  std::string listen = "127.0.0.1:0";
  std::shared_ptr<grpc::ServerCredentials> credentials;  // null: plain text
  // When a connection is asked to end, a tenth more or less, and how long its
  // calls may then take.
  absl::Duration connection_age_max = absl::Minutes(30);
  absl::Duration connection_age_grace = absl::Minutes(1);
  absl::Duration default_deadline = absl::Seconds(5);
  int read_threads = 4;
  int read_queue_max = 1000;
  int watch_streams_max = 1000;
  absl::Duration watch_poll = absl::Milliseconds(200);
};

// The gRPC server: the three services, grpc.health.v1 for each and for all
// (empty name), and reflection. Health begins as NOT_SERVING. Thread-safe.
class RpcServer {
 public:
  // Listens. FAILED_PRECONDITION, naming the address, if it
  // cannot. All arguments must outlive the server.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(
      Store& store, Dispatcher& dispatcher, Clock& clock,
      const RpcOptions& options);

  // Drains without patience unless Drain was called.
  virtual ~RpcServer() = default;

  // The port that it listens on.
  virtual int port() const = 0;

  // A channel that needs no socket.
  virtual std::shared_ptr<grpc::Channel> InProcessChannel() = 0;

  // Sets the health of every service.
  virtual void SetServing(bool serving) = 0;

  // Ends watch streams and stops listening, waits until all calls are done,
  // and cancels those that are not within `patience`. Returns when every call
  // has been finished. Drain the dispatcher alongside.
  virtual void Drain(absl::Duration patience) = 0;
};

}  // namespace budget

#endif  // BUDGET_RPC_SERVER_H_
