#include "tests/rpc/secured_server.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "server/base/uuid.h"
#include "tests/support/test_ca.h"

namespace budget::testing {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

std::string Encoded(const MethodDescriptor& method, const std::string& text) {
  const std::unique_ptr<Message> request(
      MessageFactory::generated_factory()
          ->GetPrototype(method.input_type())
          ->New());
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(text, request.get()))
      << method.full_name() << ": " << text;
  return request->SerializeAsString();
}

std::string BytesOf(grpc::ByteBuffer& buffer) {
  grpc::Slice whole;
  if (!buffer.DumpToSingleSlice(&whole).ok()) return "";
  return {reinterpret_cast<const char*>(whole.begin()), whole.size()};
}

// One call as a stream of bytes: on the wire, a unary one is none other.
class RawCall {
 public:
  RawCall(const std::shared_ptr<grpc::Channel>& channel,
          const std::string& authorization)
      : stub_(channel) {
    if (authorization.empty()) return;
    context_.AddMetadata("authorization", authorization);
  }

  RawAnswer Run(const std::string& path, const std::string& request,
                bool streams) {
    auto call = stub_.PrepareCall(&context_, path, &queue_);
    call->StartCall(this);
    Wait();
    const grpc::Slice slice(request);
    call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), this);
    Wait();
    RawAnswer answer;
    grpc::ByteBuffer message;
    call->Read(&message, this);
    const bool received = Wait();
    if (received) answer.bytes = BytesOf(message);
    if (received && streams) context_.TryCancel();
    call->Finish(&answer.status, this);
    Wait();
    if (received && streams) answer.status = grpc::Status::OK;
    return answer;
  }

 private:
  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue_.Next(&tag, &ok));
    return ok;
  }

  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
};

}  // namespace

std::string RawAnswer::reason() const {
  google::rpc::Status error;
  google::rpc::ErrorInfo info;
  if (!error.ParseFromString(status.error_details())) return "?";
  for (const auto& detail : error.details()) detail.UnpackTo(&info);
  return status.ok() ? "OK" : info.reason();
}

SecuredServer::SecuredServer(RpcOptions options)
    : store_({.clock = [this] { return clock_.Now(); }}),
      access_([this] { return clock_.Now(); }),
      directory_(access_, clock_),
      jwt_(OpenJwt()),
      authenticator_(directory_, {.jwt = jwt_.get()}),
      denials_(store_),
      dispatcher_(store_, clock_, &denials_, {}) {
  options.watch_poll = absl::Milliseconds(5);
  options.log = &calls_;
  options.access = {.store = &access_,
                    .directory = &directory_,
                    .authenticator = &authenticator_};
  auto server = RpcServer::Start(store_, dispatcher_, clock_, options);
  EXPECT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  server_->SetServing(true);
  channel_ = server_->InProcessChannel();
  root_token_ = TokenOf("root", Role::kAdmin, "*");
}

std::string SecuredServer::TokenOf(const std::string& principal, Role role,
                                   const std::string& subtree) {
  const MintedToken minted = MintToken();
  Apply({AddGrant{{principal, role, subtree}},
         AddToken{.minted = minted, .principal = principal, .subtree = "*"}});
  return minted.text;
}

void SecuredServer::Apply(std::vector<AccessChange> changes) {
  EXPECT_TRUE(access_.Apply(changes, "test").ok());
  EXPECT_TRUE(directory_.Refresh().ok());
}

std::unique_ptr<JwtVerifier> SecuredServer::OpenJwt() {
  ReplaceFile(jwt_keys_file_, jwt_signer_.Pem());
  auto verifier = JwtVerifier::Open({.keys_file = jwt_keys_file_,
                                     .issuer = "https://issuer",
                                     .audience = "budget"},
                                    clock_);
  EXPECT_TRUE(verifier.ok()) << verifier.status();
  return *std::move(verifier);
}

std::string SecuredServer::JwtOf(const std::string& subject,
                                 absl::Duration ttl) {
  return jwt_signer_.Sign(
      R"({"alg":"ES256"})",
      absl::StrCat(R"({"iss":"https://issuer","aud":"budget","sub":")",
                   subject, R"(","exp":)",
                   absl::ToUnixSeconds(clock_.Now() + ttl), "}"));
}

void SecuredServer::ReplaceJwtKey() {
  jwt_signer_ = JwtSigner::Ec();
  ReplaceFile(jwt_keys_file_, jwt_signer_.Pem());
  EXPECT_TRUE(jwt_->Reload().value());
}

RawAnswer SecuredServer::Call(const std::string& token,
                              const std::string& method,
                              const std::string& request) {
  return CallAs(token.empty() ? "" : absl::StrCat("Bearer ", token), method,
                request);
}

RawAnswer SecuredServer::CallAs(const std::string& authorization,
                                const std::string& method,
                                const std::string& request) {
  const std::string name = absl::StrCat("budget.v1.", method);
  const MethodDescriptor* descriptor =
      DescriptorPool::generated_pool()->FindMethodByName(
          absl::StrReplaceAll(name, {{"/", "."}}));
  return RawCall(channel_, authorization)
      .Run(absl::StrCat("/", name), Encoded(*descriptor, request),
           descriptor->server_streaming());
}

RawAnswer SecuredServer::MustCall(const std::string& method,
                                  const std::string& request) {
  RawAnswer answer = Call(root_token_, method, request);
  EXPECT_TRUE(answer.ok()) << method << ": " << answer.status.error_message();
  return answer;
}

std::string SecuredServer::NewId() {
  ++ids_;
  return Uuid::Version7(clock_.Now(), {ids_, ids_}).ToString();
}

}  // namespace budget::testing
