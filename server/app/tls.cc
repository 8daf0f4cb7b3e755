#include "server/app/tls.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_certificate_verifier.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "server/access/certificate.h"
#include "server/access/peer_identity.h"
#include "server/app/log.h"
#include "server/base/file.h"

namespace budget {
namespace {

namespace tls = grpc::experimental;

constexpr size_t kFileBytesMax = 1 << 20;
constexpr absl::Duration kLookPause = absl::Seconds(1);
// gRPC's own look at the files in memory.
constexpr unsigned kRefreshSeconds = 1;

absl::Status Wrong(absl::string_view flag, absl::string_view path,
                   const absl::Status& cause) {
  return absl::FailedPreconditionError(absl::StrCat(
      "--", flag, " is \"", path, "\": ", cause.message()));
}

absl::StatusOr<std::string> ReadFlag(absl::string_view flag,
                                     const std::string& path) {
  absl::StatusOr<std::string> content = ReadSmallFile(path, kFileBytesMax);
  if (content.ok()) return content;
  return Wrong(flag, path,
               absl::FailedPreconditionError(absl::StrCat(
                   content.status().message(),
                   "; give a file in PEM form that budgetd may read")));
}

// Refuses, once the handshake has verified the chain of a client's
// certificate, the ones that stand for no principal.
class PeerVerifier : public tls::ExternalCertificateVerifier {
 public:
  explicit PeerVerifier(std::string trust_domain)
      : trust_domain_(std::move(trust_domain)) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)>,
              grpc::Status* status) override {
    *status = Check(request->peer_cert());
    return true;  // done at once
  }
  void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

 private:
  grpc::Status Check(grpc::string_ref pem) const {
    // None, where none is required: the caller has another proof, or no name.
    if (pem.empty()) return grpc::Status::OK;
    const auto principal = PrincipalOfCertificate(
        absl::string_view(pem.data(), pem.size()), trust_domain_);
    if (principal.ok()) return grpc::Status::OK;
    const std::string why(principal.status().message());
    LogRepeating("client_refused", {{"error", why}});
    return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, why);
  }

  const std::string trust_domain_;
};

void AskClients(const Config& config,
                tls::TlsServerCredentialsOptions& options) {
  options.set_cert_request_type(
      config.tls_client_auth == ClientAuth::kRequire
          ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
          : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  options.watch_root_certs();
  options.set_certificate_verifier(
      tls::ExternalCertificateVerifier::Create<PeerVerifier>(
          config.spiffe_trust_domain));
}

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(
    const Config& config, const MemoryFile& identity,
    const MemoryFile& client_ca) {
  const bool asks = config.tls_client_auth != ClientAuth::kNone;
  // Key and chain are one file: two could be read while one was replaced.
  tls::TlsServerCredentialsOptions options(
      std::make_shared<tls::FileWatcherCertificateProvider>(
          identity.path(), identity.path(), asks ? client_ca.path() : "",
          kRefreshSeconds));
  options.watch_identity_key_cert_pairs();
  if (asks) AskClients(config, options);
  return tls::TlsServerCredentials(options);
}

std::string ShowTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace

ServerTls::ServerTls(const Config& config, const Clock& clock)
    : config_(config), clock_(clock) {}

absl::StatusOr<std::unique_ptr<ServerTls>> ServerTls::Open(
    const Config& config, const Clock& clock) {
  std::unique_ptr<ServerTls> opened(new ServerTls(config, clock));
  const absl::Status read = opened->Reload();
  if (!read.ok()) return read;
  {
    absl::MutexLock lock(&opened->mutex_);
    opened->credentials_ =
        MakeCredentials(config, opened->identity_, opened->client_ca_);
  }
  opened->periodic_ = std::make_unique<Periodic>(
      kLookPause, [tls = opened.get()] { tls->ReloadAndLog(); });
  return opened;
}

absl::StatusOr<ServerTls::Material> ServerTls::Read() const {
  const auto chain = ReadFlag("tls-cert", config_.tls_cert);
  if (!chain.ok()) return chain.status();
  const auto key = ReadFlag("tls-key", config_.tls_key);
  if (!key.ok()) return key.status();
  const absl::Status pair = CheckKeyPair({*chain, *key}, clock_.Now());
  if (!pair.ok()) return Wrong("tls-cert", config_.tls_cert, pair);
  Material material{.identity = absl::StrCat(*key, "\n", *chain),
                    .expiry = ParseCertificate(*chain)->not_after};
  if (config_.tls_client_auth == ClientAuth::kNone) return material;
  auto client_ca = ReadFlag("tls-client-ca", config_.tls_client_ca);
  if (!client_ca.ok()) return client_ca.status();
  const absl::Status sound = CheckCertificates(*client_ca);
  if (!sound.ok()) return Wrong("tls-client-ca", config_.tls_client_ca, sound);
  material.client_ca = *std::move(client_ca);
  return material;
}

absl::Status ServerTls::Reload() {
  absl::MutexLock lock(&mutex_);
  absl::StatusOr<Material> found = Read();
  if (!found.ok()) return found.status();
  if (found->identity == material_.identity &&
      found->client_ca == material_.client_ca) {
    return absl::OkStatus();
  }
  absl::Status status = identity_.Replace(found->identity);
  status.Update(client_ca_.Replace(found->client_ca));
  if (!status.ok()) return status;
  LogInfo("tls_certificate", {{"expires", ShowTime(found->expiry)}});
  material_ = *std::move(found);
  return absl::OkStatus();
}

void ServerTls::ReloadAndLog() {
  const absl::Status status = Reload();
  if (status.ok()) return;
  LogRepeating("tls_not_reloaded", {{"error", std::string(status.message())},
                                    {"in_use", "what was read before"}});
}

absl::Time ServerTls::certificate_expiry() const {
  absl::MutexLock lock(&mutex_);
  return material_.expiry;
}

}  // namespace budget
