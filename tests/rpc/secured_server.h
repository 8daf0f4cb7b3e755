#ifndef BUDGET_TESTS_RPC_SECURED_SERVER_H_
#define BUDGET_TESTS_RPC_SECURED_SERVER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"
#include "server/access/authenticator.h"
#include "server/access/directory.h"
#include "server/access/jwt.h"
#include "server/lane/denial_log.h"
#include "server/lane/dispatcher.h"
#include "server/rpc/server.h"
#include "server/store/memory/memory_access_store.h"
#include "server/store/memory/memory_store.h"
#include "tests/rpc/kept_calls.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_jwt.h"
#include "tests/support/virtual_clock.h"

namespace budget::testing {

// What a call was answered.
struct RawAnswer {
  grpc::Status status;
  std::string bytes;  // the first message

  bool ok() const { return status.ok(); }
  // Of google.rpc.ErrorInfo; "OK" where there is none.
  std::string reason() const;
  template <typename Response>
  Response As() const {
    Response response;
    response.ParseFromString(bytes);
    return response;
  }
};

// A server that asks who calls, in this process, on the stores in memory. Calls
// are written as text, and made by whoever bears the token.
class SecuredServer {
 public:
  // `options` but for who may call, the log and the poll of watch streams.
  explicit SecuredServer(RpcOptions options = {});

  // A token of `principal` that is good everywhere, with a role in `subtree`.
  std::string TokenOf(const std::string& principal, Role role,
                      const std::string& subtree);
  void Apply(std::vector<AccessChange> changes);

  // A JWT of the issuer that is trusted, for the principal
  // "jwt:https://issuer#SUBJECT"; good for `ttl` and the verifier's leeway.
  std::string JwtOf(const std::string& subject, absl::Duration ttl);
  // The issuer takes a new key: what the old one has signed is not good now.
  void ReplaceJwtKey();

  // Calls "Service/Method" of budget.v1; of a stream, the first message is
  // waited for. `token` may be empty: then nothing is said of who calls.
  RawAnswer Call(const std::string& token, const std::string& method,
                 const std::string& request);
  // The same with the value of "authorization" as it is.
  RawAnswer CallAs(const std::string& authorization, const std::string& method,
                   const std::string& request);

  // The same by an administrator of everything; fails the test unless it is OK.
  RawAnswer MustCall(const std::string& method, const std::string& request);

  // An id that no other has.
  std::string NewId();

  const std::string& root_token() const { return root_token_; }
  std::shared_ptr<grpc::Channel> channel() { return channel_; }
  VirtualClock& clock() { return clock_; }
  MemoryStore& store() { return store_; }
  MemoryAccessStore& access() { return access_; }
  Directory& directory() { return directory_; }
  KeptCalls& calls() { return calls_; }

 private:
  std::unique_ptr<JwtVerifier> OpenJwt();

  VirtualClock clock_;
  MemoryStore store_;
  MemoryAccessStore access_;
  Directory directory_;
  const ScratchDir scratch_;
  const std::string jwt_keys_file_ = scratch_ / "keys";
  JwtSigner jwt_signer_ = JwtSigner::Ec();
  const std::unique_ptr<JwtVerifier> jwt_;
  Authenticator authenticator_;
  DenialLog denials_;
  KeptCalls calls_;
  Dispatcher dispatcher_;
  std::unique_ptr<RpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::string root_token_;
  uint64_t ids_ = 0;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_RPC_SECURED_SERVER_H_
