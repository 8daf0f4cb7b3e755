#ifndef BUDGET_RPC_SERVER_H_
#define BUDGET_RPC_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/server_credentials.h"
#include "server/access/authenticator.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/lane/dispatcher.h"
#include "server/rpc/call_log.h"
#include "server/rpc/connections.h"
#include "server/rpc/meters.h"

namespace budget {

// Who may call. All may be null, and outlive the server otherwise. Without a
// store, AccessService is not served; without an authenticator, nobody is asked
// who they are and everybody may do everything.
struct RpcAccess {
  AccessStore* store = nullptr;
  Directory* directory = nullptr;
  const Authenticator* authenticator = nullptr;
};

struct RpcOptions {
  std::string version;     // of the release
  int schema_version = 0;  // the newest migration that it knows
  std::string listen = "127.0.0.1:0";  // or unix:path
  std::shared_ptr<grpc::ServerCredentials> credentials;  // null: plain text
  // When a connection is asked to end, a tenth more or less, and how long its
  // calls may then take.
  absl::Duration connection_age_max = absl::Minutes(30);
  absl::Duration connection_age_grace = absl::Minutes(1);
  // How often a connection may be pinged by its client.
  absl::Duration client_ping_interval_min = absl::Seconds(10);
  // A connection on which nothing has come for so long is pinged, and ended
  // where no answer comes in time: its client has lost power, or its network.
  // Sooner than NAT and load balancers forget a connection: 4 minutes and more.
  absl::Duration keepalive_time = absl::Minutes(2);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  ConnectionBounds connections;
  // Told of connections that are refused or cut, on threads that accept and
  // look at connections; may be null. Must not take long.
  OnTurnedAway on_turned_away;
  absl::Duration default_deadline = absl::Seconds(5);
  int read_threads = 4;
  int read_queue_max = 1000;
  int long_read_queue_max = 8;   // of Verify, which is run one at a time
  int watch_streams_max = 1000;  // of one principal, a quarter
  absl::Duration watch_poll = absl::Milliseconds(200);
  RpcAccess access;
  // Filled in if given; shared with whoever shows it.
  std::shared_ptr<RpcMeters> meters;
  CallLog* log = nullptr;  // outlives the server; null: none
};

// The gRPC server: our services, grpc.health.v1 for each and for all
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
