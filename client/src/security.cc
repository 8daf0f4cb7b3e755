#include "budget/security.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/client_interceptor.h>

#include <cstdio>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "loopback.h"
#include "token_source.h"

namespace budget {
namespace {

namespace experimental = grpc::experimental;

constexpr unsigned kRefreshSeconds = 1;

absl::Status Check(const Security& security) {
  const bool files = !security.roots_file.empty() ||
                     !security.certificate_file.empty() ||
                     !security.key_file.empty() ||
                     !security.server_name.empty();
  if (files && !security.tls) {
    return absl::InvalidArgumentError(
        "roots_file, certificate_file, key_file and server_name are for TLS; "
        "set tls");
  }
  if (security.tls && security.credentials) {
    return absl::InvalidArgumentError(
        "tls and credentials are both set; leave one out");
  }
  if (security.certificate_file.empty() != security.key_file.empty()) {
    return absl::InvalidArgumentError(
        "certificate_file and key_file belong together; set both or neither");
  }
  if (!security.token.empty() && !security.token_file.empty()) {
    return absl::InvalidArgumentError(
        "token and token_file are both set; leave one out");
  }
  return absl::OkStatus();
}

absl::Status CheckReadable(absl::string_view field, const std::string& path) {
  if (path.empty() || std::ifstream(path).get() != EOF) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(field, ": \"", path,
                   "\" cannot be read or is empty; give a file in PEM form"));
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> TlsOf(
    const Security& security) {
  absl::Status status = CheckReadable("roots_file", security.roots_file);
  status.Update(CheckReadable("certificate_file", security.certificate_file));
  status.Update(CheckReadable("key_file", security.key_file));
  if (!status.ok()) return status;
  experimental::TlsChannelCredentialsOptions options;
  const bool roots = !security.roots_file.empty();
  const bool identity = !security.key_file.empty();
  if (roots || identity) {
    options.set_certificate_provider(
        std::make_shared<experimental::FileWatcherCertificateProvider>(
            security.key_file, security.certificate_file, security.roots_file,
            kRefreshSeconds));
  }
  if (roots) options.watch_root_certs();
  if (identity) options.watch_identity_key_cert_pairs();
  return experimental::TlsCredentials(options);
}

// Adds the token to every call of a channel, over plain text too, which the
// call credentials of gRPC do not.
class TokenInterceptor : public experimental::Interceptor {
 public:
  explicit TokenInterceptor(TokenSource& token) : token_(token) {}

  void Intercept(experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->insert(
          {"authorization", absl::StrCat("Bearer ", token_.Get())});
    }
    methods->Proceed();
  }

 private:
  TokenSource& token_;
};

class TokenInterceptorFactory
    : public experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenInterceptorFactory(std::shared_ptr<TokenSource> token)
      : token_(std::move(token)) {}

  experimental::Interceptor* CreateClientInterceptor(
      experimental::ClientRpcInfo*) override {
    return new TokenInterceptor(*token_);
  }

 private:
  const std::shared_ptr<TokenSource> token_;
};

}  // namespace

absl::StatusOr<ChannelOpener> ChannelOpener::Make(const Security& security) {
  const absl::Status sound = Check(security);
  if (!sound.ok()) return sound;
  ChannelOpener opener;
  opener.server_name_ = security.server_name;
  opener.credentials_ = security.credentials;
  if (security.tls) {
    auto credentials = TlsOf(security);
    if (!credentials.ok()) return credentials.status();
    opener.credentials_ = *std::move(credentials);
  } else if (opener.credentials_ == nullptr) {
    opener.credentials_ = grpc::InsecureChannelCredentials();
    opener.plain_text_ = true;
  }
  if (security.token.empty() && security.token_file.empty()) return opener;
  auto token = TokenSource::Make(security.token, security.token_file);
  if (!token.ok()) return token.status();
  opener.token_ = *std::move(token);
  return opener;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelOpener::Open(
    const std::string& endpoint, grpc::ChannelArguments arguments) const {
  if (!server_name_.empty()) arguments.SetSslTargetNameOverride(server_name_);
  if (token_ == nullptr) {
    return grpc::CreateCustomChannel(endpoint, credentials_, arguments);
  }
  if (plain_text_) {
    if (!IsLoopback(endpoint)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a token would be sent to ", endpoint,
                       " in plain text for all to read; use TLS"));
    }
    // A proxy is not this machine.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  }
  std::vector<std::unique_ptr<experimental::ClientInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(std::make_unique<TokenInterceptorFactory>(token_));
  return experimental::CreateCustomChannelWithInterceptors(
      endpoint, credentials_, arguments, std::move(interceptors));
}

}  // namespace budget
