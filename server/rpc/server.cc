#include "server/rpc/server.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/rpc/acceptor.h"
#include "server/rpc/access_service.h"
#include "server/rpc/backend.h"
#include "server/rpc/budget_admin.h"
#include "server/rpc/budget_service.h"
#include "server/rpc/connections.h"
#include "server/rpc/grpc_settings.h"
#include "server/rpc/ledger_service.h"
#include "server/rpc/read_pool.h"
#include "server/rpc/tcp.h"
#include "server/rpc/watch.h"

namespace budget {
namespace {

// One principal has this part of the watch streams at most.
constexpr int kWatchShare = 4;
// gRPC locks each of them for as long as it takes a connection over.
constexpr int kTakers = 4;

using ConnectionTaker = grpc::experimental::ExternalConnectionAcceptor;
using TakesFrom =
    grpc::ServerBuilder::experimental_type::ExternalConnectionType;

class RpcServerImpl final : public RpcServer {
 public:
  RpcServerImpl(Store& store, Dispatcher& dispatcher, Clock& clock,
                const RpcOptions& options)
      : meters_(options.meters ? options.meters
                               : std::make_shared<RpcMeters>()),
        reads_({.threads = options.read_threads,
                .queue_max = options.read_queue_max,
                .long_queue_max = options.long_read_queue_max}),
        guard_(options.access.authenticator),
        backend_{store,
                 dispatcher,
                 reads_,
                 retries_,
                 clock,
                 guard_,
                 options.access.store,
                 options.access.directory,
                 options.default_deadline,
                 {.version = options.version,
                  .schema_version = options.schema_version,
                  .start_time = clock.Now()},
                 *meters_,
                 options.log},
        watcher_(backend_,
                 {.streams_max = options.watch_streams_max,
                  .streams_of_one_max = std::max(
                      1, options.watch_streams_max / kWatchShare),
                  .poll = options.watch_poll}),
        budget_service_(backend_, watcher_),
        budget_admin_(backend_),
        ledger_service_(backend_),
        access_service_(backend_),
        connections_(options.connections, meters_->connections,
                     options.on_turned_away) {}

  ~RpcServerImpl() override { Drain(absl::ZeroDuration()); }

  absl::Status Listen(const RpcOptions& options) {
    grpc::ServerBuilder builder;
    ConfigureGrpc(options, builder);
    const auto credentials = options.credentials
                                 ? options.credentials
                                 : grpc::InsecureServerCredentials();
    // Of a socket that only this machine reaches there is nothing to count.
    if (absl::StartsWith(options.listen, "unix:")) {
      builder.AddListeningPort(options.listen, credentials, &port_);
      return Start(options, builder);
    }
    absl::StatusOr<Listening> listening = ListenTcp(options.listen);
    if (!listening.ok()) return listening.status();
    port_ = listening->port;
    for (int i = 0; i < kTakers; ++i) {
      takers_.push_back(builder.experimental().AddExternalConnectionAcceptor(
          TakesFrom::FROM_FD, credentials));
    }
    const absl::Status status = Start(options, builder);
    if (!status.ok()) return status;
    std::vector<Acceptor::Hand> hands;
    for (const auto& taker : takers_) {
      hands.push_back([&taker](int fd) { Hand(fd, *taker); });
    }
    acceptor_ = std::make_unique<Acceptor>(*std::move(listening), connections_,
                                           std::move(hands));
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  std::shared_ptr<grpc::Channel> InProcessChannel() override {
    return server_->InProcessChannel({});
  }

  void SetServing(bool serving) override {
    grpc::HealthCheckServiceInterface* health =
        server_->GetHealthCheckService();
    for (const char* name : {"", v1::BudgetService::service_full_name(),
                             v1::BudgetAdmin::service_full_name(),
                             v1::LedgerService::service_full_name(),
                             v1::AccessService::service_full_name()}) {
      health->SetServingStatus(name, serving);
    }
  }

  void Drain(absl::Duration patience) override {
    absl::MutexLock lock(&drain_mutex_);
    if (server_ == nullptr || drained_) return;
    drained_ = true;
    SetServing(false);
    // Before the server, which would not close what it gets afterwards.
    if (acceptor_ != nullptr) acceptor_->StopAccepting();
    watcher_.Drain();
    server_->Shutdown(std::chrono::system_clock::now() +
                      absl::ToChronoMilliseconds(patience));
  }

 private:
  absl::Status Start(const RpcOptions& options, grpc::ServerBuilder& builder) {
    builder.RegisterService(&budget_service_);
    builder.RegisterService(&budget_admin_);
    builder.RegisterService(&ledger_service_);
    if (backend_.access != nullptr) builder.RegisterService(&access_service_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot listen on ", options.listen));
    }
    SetServing(false);
    return absl::OkStatus();
  }

  // gRPC closes it when it ends.
  static void Hand(int fd, ConnectionTaker& taker) {
    ConnectionTaker::NewConnectionParameters parameters;
    parameters.fd = fd;
    taker.HandleNewConnection(&parameters);
  }

  // Destroyed in the reverse order: the server before what it calls.
  const std::shared_ptr<RpcMeters> meters_;
  ReadPool reads_;
  RetrySpread retries_;
  Guard guard_;
  Backend backend_;
  Watcher watcher_;
  BudgetServiceImpl budget_service_;
  BudgetAdminImpl budget_admin_;
  LedgerServiceImpl ledger_service_;
  AccessServiceImpl access_service_;
  Connections connections_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<ConnectionTaker>> takers_;
  std::unique_ptr<Acceptor> acceptor_;  // null: a Unix socket
  absl::Mutex drain_mutex_;
  bool drained_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(
    Store& store, Dispatcher& dispatcher, Clock& clock,
    const RpcOptions& options) {
  auto server =
      std::make_unique<RpcServerImpl>(store, dispatcher, clock, options);
  const absl::Status status = server->Listen(options);
  if (!status.ok()) return status;
  return std::unique_ptr<RpcServer>(std::move(server));
}

}  // namespace budget
