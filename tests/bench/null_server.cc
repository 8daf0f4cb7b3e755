#include "tests/bench/null_server.h"

#include <signal.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "deploy/replay/text_file.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/rpc/grpc_settings.h"

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

absl::StatusOr<Bytes> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const grpc::Slice slice(bytes);
  return Bytes(&slice, 1);
}

}  // namespace

absl::Status WriteAnswers(const CannedAnswers& answers,
                          const std::string& directory) {
  const absl::Status status =
      replay::WriteTextFile(directory + kReserveFile, answers.reserve);
  if (!status.ok()) return status;
  return replay::WriteTextFile(directory + kSettleFile, answers.settle);
}

absl::Status ServeNull(const std::string& directory,
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
  NullService service(*reserve, *settle);
  grpc::ServerBuilder builder;
  ConfigureGrpc(RpcOptions(), builder);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::InternalError("cannot listen");
  server->GetHealthCheckService()->SetServingStatus(true);
  const absl::Status status =
      replay::WriteTextFile(port_file + ".new", absl::StrCat(port, "\n"));
  if (!status.ok()) return status;
  std::rename((port_file + ".new").c_str(), port_file.c_str());
  int signal = 0;
  sigwait(&stop, &signal);
  server->Shutdown();
  return absl::OkStatus();
}

}  // namespace budget::bench
