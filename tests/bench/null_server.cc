#include "tests/bench/null_server.h"

#include <signal.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace budget::bench {
namespace {

constexpr char kReserveFile[] = "/reserve.answer";
constexpr char kSettleFile[] = "/settle.answer";

using Bytes = grpc::ByteBuffer;
using Context = grpc::CallbackServerContext;

// Takes and gives bytes, as budgetd's services do.
class NullService final
    : public v1::BudgetService::WithRawCallbackMethod_Reserve<
          v1::BudgetService::WithRawCallbackMethod_Settle<
              v1::BudgetService::Service>> {
 public:
  NullService(Bytes reserve, Bytes settle)
      : reserve_(std::move(reserve)), settle_(std::move(settle)) {}

  grpc::ServerUnaryReactor* Reserve(Context* context, const Bytes*,
                                    Bytes* out) override {
    return Answer(*context, reserve_, *out);
  }
  grpc::ServerUnaryReactor* Settle(Context* context, const Bytes*,
                                   Bytes* out) override {
    return Answer(*context, settle_, *out);
  }

 private:
  static grpc::ServerUnaryReactor* Answer(Context& context,
                                          const Bytes& answer, Bytes& out) {
    out = answer;
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const Bytes reserve_;
  const Bytes settle_;
};

// Takes and gives messages, as generated services do.
class NullMessageService final
    : public v1::BudgetService::WithCallbackMethod_Reserve<
          v1::BudgetService::WithCallbackMethod_Settle<
              v1::BudgetService::Service>> {
 public:
  NullMessageService(v1::ReserveResponse reserve, v1::SettleResponse settle)
      : reserve_(std::move(reserve)), settle_(std::move(settle)) {}

  grpc::ServerUnaryReactor* Reserve(Context* context, const v1::ReserveRequest*,
                                    v1::ReserveResponse* out) override {
    *out = reserve_;
    return Finish(*context);
  }
  grpc::ServerUnaryReactor* Settle(Context* context, const v1::SettleRequest*,
                                   v1::SettleResponse* out) override {
    *out = settle_;
    return Finish(*context);
  }

 private:
  static grpc::ServerUnaryReactor* Finish(Context& context) {
    grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const v1::ReserveResponse reserve_;
  const v1::SettleResponse settle_;
};

template <typename Message>
Message Decoded(const std::string& bytes) {
  Message message;
  message.ParseFromString(bytes);  // what a real server gave
  return message;
}

Bytes BytesOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return Bytes(&slice, 1);
}

std::unique_ptr<grpc::Service> MakeService(NullKind kind,
                                           const CannedAnswers& answers) {
  if (kind == NullKind::kBytes) {
    return std::make_unique<NullService>(BytesOf(answers.reserve),
                                         BytesOf(answers.settle));
  }
  return std::make_unique<NullMessageService>(
      Decoded<v1::ReserveResponse>(answers.reserve),
      Decoded<v1::SettleResponse>(answers.settle));
}

absl::StatusOr<std::string> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

absl::Status Write(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  if (file) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot write ", path));
}

// As server/rpc configures budgetd.
void Configure(grpc::ServerBuilder& builder) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  builder.SetMaxReceiveMessageSize(16 << 20);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
}

}  // namespace

absl::Status WriteAnswers(const CannedAnswers& answers,
                          const std::string& directory) {
  const absl::Status status =
      Write(directory + kReserveFile, answers.reserve);
  return status.ok() ? Write(directory + kSettleFile, answers.settle) : status;
}

absl::Status ServeNull(NullKind kind, const std::string& directory,
                       const std::string& port_file) {
  // Blocked before the server starts its threads, which inherit that.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  const auto reserve = Read(directory + kReserveFile);
  if (!reserve.ok()) return reserve.status();
  const auto settle = Read(directory + kSettleFile);
  if (!settle.ok()) return settle.status();
  const std::unique_ptr<grpc::Service> service =
      MakeService(kind, {.reserve = *reserve, .settle = *settle});
  grpc::ServerBuilder builder;
  Configure(builder);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(service.get());
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::InternalError("cannot listen");
  server->GetHealthCheckService()->SetServingStatus(true);
  const absl::Status status =
      Write(port_file + ".new", absl::StrCat(port, "\n"));
  if (!status.ok()) return status;
  std::rename((port_file + ".new").c_str(), port_file.c_str());
  int signal = 0;
  sigwait(&stop, &signal);
  server->Shutdown();
  return absl::OkStatus();
}

}  // namespace budget::bench
