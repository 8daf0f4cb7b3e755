#ifndef BUDGET_TESTS_RPC_RPC_FIXTURE_H_
#define BUDGET_TESTS_RPC_RPC_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "budget/v1/budget_admin.grpc.pb.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "budget/v1/ledger_service.grpc.pb.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "server/base/uuid.h"
#include "server/lane/denial_log.h"
#include "server/lane/dispatcher.h"
#include "server/rpc/server.h"
#include "server/store/memory/memory_store.h"
#include "tests/rpc/faulty_store.h"
#include "tests/support/virtual_clock.h"

namespace budget::testing {

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message))
      << text;
  return message;
}

// The details of an error as a caller unpacks them.
struct ErrorDetails {
  explicit ErrorDetails(const google::rpc::Status& error);
  explicit ErrorDetails(const grpc::Status& status);

  google::rpc::Status error;
  google::rpc::ErrorInfo info;
  google::rpc::QuotaFailure quota;
  google::rpc::PreconditionFailure precondition;
  google::rpc::ResourceInfo resource;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  bool has_retry = false;

  std::string reason() const { return info.reason(); }
  absl::Duration retry_delay() const;
  std::string metadata(const std::string& key) const;
};

// A server of the real dispatcher on the store in memory, in this process.
class RpcTest : public ::testing::Test {
 protected:
  explicit RpcTest(const DispatcherOptions& options = {});

  // Whatever a case did, the books of every root agree.
  void TearDown() override;

  // An id of the virtual now that no other has.
  std::string NewId();

  // Creates an allocation from the text of budget.v1.Allocation.
  v1::Allocation Create(const std::string& text);
  v1::Allocation Get(const std::string& path);

  grpc::Status Reserve(const std::string& text,
                       v1::ReserveResponse* response = nullptr);
  grpc::Status Settle(const std::string& text,
                      v1::SettleResponse* response = nullptr);

  // Calls a method with the request written as text.
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const Request& request, Response* response = nullptr) {
    grpc::ClientContext context;
    Response unused;
    return (stub.*method)(&context, request,
                          response == nullptr ? &unused : response);
  }

  VirtualClock clock_;
  MemoryStore memory_;
  FaultyStore store_;
  DenialLog denials_;
  Dispatcher dispatcher_;
  std::unique_ptr<RpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::BudgetService::Stub> budget_;
  std::unique_ptr<v1::BudgetAdmin::Stub> admin_;
  std::unique_ptr<v1::LedgerService::Stub> ledger_;

 private:
  uint64_t ids_ = 0;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_RPC_RPC_FIXTURE_H_
