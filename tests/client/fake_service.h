#ifndef BUDGET_TESTS_CLIENT_FAKE_SERVICE_H_
#define BUDGET_TESTS_CLIENT_FAKE_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace budget {

// An error as the service sends it.
inline grpc::Status WireError(grpc::StatusCode code, const std::string& message,
                              const std::string& reason,
                              int64_t retry_ms = -1) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_domain("budget.v1");
  info.set_reason(reason);
  status.add_details()->PackFrom(info);
  if (retry_ms >= 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(retry_ms / 1000);
    retry.mutable_retry_delay()->set_nanos(retry_ms % 1000 * 1'000'000);
    status.add_details()->PackFrom(retry);
  }
  return grpc::Status(code, message, status.SerializeAsString());
}

// A server in this process that answers Reserve, AdjustReservation, Settle,
// Release, Batch and WatchRemaining as the test says, and remembers what it was
// asked.
class FakeService : public v1::BudgetService::Service {
 public:
  FakeService() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeService() override { Stop(); }

  std::string endpoint() const { return absl::StrCat("127.0.0.1:", port_); }
  void Stop() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }

  // The answers to come, in order; OK once they are used up.
  void FailWith(std::vector<grpc::Status> failures) {
    absl::MutexLock lock(&mutex_);
    failures_ = std::move(failures);
  }
  // How each operation of the next Batch that is answered ends, in order; OK
  // for those that are left.
  void FailOperationsWith(std::vector<grpc::Status> failures) {
    absl::MutexLock lock(&mutex_);
    operation_failures_ = std::move(failures);
  }
  int batches() {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }
  std::vector<std::string> reserve_ids() {
    absl::MutexLock lock(&mutex_);
    return reserve_ids_;
  }
  std::vector<std::string> released() {
    absl::MutexLock lock(&mutex_);
    return released_;
  }
  std::vector<v1::SettleRequest> settles() {
    absl::MutexLock lock(&mutex_);
    return settles_;
  }

  // The metadata of Reserve and WatchRemaining, empty where there was none.
  std::vector<std::string> authorizations() {
    absl::MutexLock lock(&mutex_);
    return authorizations_;
  }

  grpc::Status Reserve(grpc::ServerContext* context,
                       const v1::ReserveRequest* request,
                       v1::ReserveResponse* response) override {
    absl::MutexLock lock(&mutex_);
    NoteAuthorizationLocked(*context);
    reserve_ids_.push_back(request->reservation_id());
    response->mutable_reservation()->set_reservation_id(
        request->reservation_id());
    response->mutable_reservation()->set_root("acme");
    return NextLocked();
  }
  grpc::Status AdjustReservation(grpc::ServerContext*,
                                 const v1::AdjustReservationRequest*,
                                 v1::AdjustReservationResponse*) override {
    absl::MutexLock lock(&mutex_);
    return NextLocked();
  }
  grpc::Status Settle(grpc::ServerContext*, const v1::SettleRequest* request,
                      v1::SettleResponse*) override {
    absl::MutexLock lock(&mutex_);
    settles_.push_back(*request);
    return NextLocked();
  }
  grpc::Status Release(grpc::ServerContext*, const v1::ReleaseRequest* request,
                       v1::ReleaseResponse*) override {
    absl::MutexLock lock(&mutex_);
    released_.push_back(request->reservation_id());
    return NextLocked();
  }
  // Of Reserves.
  grpc::Status Batch(grpc::ServerContext*, const v1::BatchRequest* request,
                     v1::BatchResponse* response) override {
    absl::MutexLock lock(&mutex_);
    ++batches_;
    const grpc::Status next = NextLocked();
    if (!next.ok()) return next;
    auto failures = std::exchange(operation_failures_, {});
    failures.resize(static_cast<size_t>(request->operations_size()));
    for (const grpc::Status& failure : failures) {
      v1::BatchResult& result = *response->add_results();
      if (failure.ok()) {
        result.mutable_reserve()->set_ledger_sequence(response->results_size());
      } else {
        result.mutable_error()->ParseFromString(failure.error_details());
      }
    }
    return next;
  }
  // One message for each stream, which then ends.
  grpc::Status WatchRemaining(
      grpc::ServerContext* context, const v1::WatchRemainingRequest*,
      grpc::ServerWriter<v1::WatchRemainingResponse>* writer) override {
    absl::MutexLock lock(&mutex_);
    NoteAuthorizationLocked(*context);
    v1::WatchRemainingResponse message;
    message.mutable_remaining()->set_ledger_sequence(++streams_);
    writer->Write(message);
    return NextLocked();
  }

 private:
  grpc::Status NextLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (failures_.empty()) return grpc::Status::OK;
    const grpc::Status next = failures_.front();
    failures_.erase(failures_.begin());
    return next;
  }

  void NoteAuthorizationLocked(const grpc::ServerContext& context)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto& metadata = context.client_metadata();
    const auto found = metadata.find("authorization");
    authorizations_.push_back(
        found == metadata.end()
            ? ""
            : std::string(found->second.data(), found->second.size()));
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  absl::Mutex mutex_;
  std::vector<grpc::Status> failures_ ABSL_GUARDED_BY(mutex_);
  std::vector<grpc::Status> operation_failures_ ABSL_GUARDED_BY(mutex_);
  int batches_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> authorizations_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> reserve_ids_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> released_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::SettleRequest> settles_ ABSL_GUARDED_BY(mutex_);
  int64_t streams_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace budget

#endif  // BUDGET_TESTS_CLIENT_FAKE_SERVICE_H_
