#include "client/ctl/doctor/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <time.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "client/src/loopback.h"

namespace budget {
namespace {

constexpr absl::Duration kExpiryWarning = absl::Hours(24 * 14);
// How long a server may take for its first word after a handshake.
constexpr absl::Duration kFirstWordMax = absl::Seconds(2);

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using ContextPtr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

absl::Time TimeFrom(const ASN1_TIME* time) {
  tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string SubjectOf(const X509* certificate) {
  const BioPtr text(BIO_new(BIO_s_mem()), BIO_free_all);
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_RFC2253);
  char* data = nullptr;
  const int64_t size = BIO_get_mem_data(text.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

Certificate From(const X509* certificate) {
  return {.subject = SubjectOf(certificate),
          .not_before = TimeFrom(X509_get0_notBefore(certificate)),
          .not_after = TimeFrom(X509_get0_notAfter(certificate))};
}

// Waits until the connection can go on; false at `deadline`.
bool WaitFor(BIO* connection, absl::Time deadline) {
  int fd = -1;
  BIO_get_fd(connection, &fd);
  const absl::Duration left = deadline - absl::Now();
  if (left <= absl::ZeroDuration()) return false;
  pollfd one = {.fd = fd, .events = POLLIN, .revents = 0};
  if (!BIO_should_read(connection)) one.events = POLLOUT;
  // Before there is a socket, there is nothing to wait for but time.
  if (fd < 0) absl::SleepFor(std::min(left, absl::Milliseconds(10)));
  return fd < 0 ||
         poll(&one, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) >
             0;
}

// Runs `step` until it says that it is done, or fails, at `deadline` at the
// latest.
bool Finish(BIO* connection, absl::Time deadline, bool (*step)(BIO*)) {
  while (!step(connection)) {
    if (!BIO_should_retry(connection) || !WaitFor(connection, deadline)) {
      return false;
    }
  }
  return true;
}

std::string HostOf(absl::string_view endpoint) {
  absl::string_view host = endpoint.substr(0, endpoint.rfind(':'));
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return std::string(host);
}

// What has gone wrong, and forgets it.
std::string TakeError() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "it ends the connection" : reason;
}

absl::Status OfNoUse(absl::string_view flag, absl::string_view file,
                     absl::string_view why) {
  ERR_clear_error();
  return absl::FailedPreconditionError(
      absl::StrCat("--", flag, " is ", file, ", which ", why));
}

// As the client library trusts and introduces itself.
absl::StatusOr<ContextPtr> ContextFor(const Security& security) {
  ContextPtr context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  // Nobody is asked for the passphrase of a key.
  SSL_CTX_set_default_passwd_cb(context.get(),
                                [](char*, int, int, void*) { return -1; });
  if (security.roots_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_file(context.get(),
                                      security.roots_file.c_str()) != 1) {
    return OfNoUse("tls-ca", security.roots_file,
                   "cannot be read or holds no certificate in PEM form");
  }
  if (security.certificate_file.empty()) return context;
  if (SSL_CTX_use_certificate_chain_file(
          context.get(), security.certificate_file.c_str()) != 1) {
    return OfNoUse("tls-cert", security.certificate_file,
                   "cannot be read or holds no certificate in PEM form");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), security.key_file.c_str(),
                                  SSL_FILETYPE_PEM) != 1) {
    return OfNoUse("tls-key", security.key_file,
                   "cannot be read, holds no key in PEM form without a "
                   "passphrase, or holds one that does not fit --tls-cert");
  }
  return context;
}

absl::StatusOr<BioPtr> Connect(const std::string& endpoint,
                               absl::Time deadline) {
  BioPtr socket(BIO_new_connect(endpoint.c_str()), BIO_free_all);
  if (socket == nullptr) {
    ERR_clear_error();
    return absl::UnavailableError(absl::StrCat(endpoint, " is no host:port"));
  }
  BIO_set_nbio(socket.get(), 1);
  const bool connected = Finish(socket.get(), deadline, [](BIO* bio) {
    return BIO_do_connect(bio) > 0;
  });
  // OpenSSL takes what is left in its queue for the error of a later call.
  ERR_clear_error();
  if (connected) return socket;
  return absl::UnavailableError(absl::StrCat(endpoint, " cannot be reached"));
}

// Whom the server has to be, and what is spoken with it.
void Expect(const std::string& name, SSL* ssl) {
  // gRPC answers only who speaks HTTP/2.
  constexpr unsigned char kProtocols[] = "\x02h2";
  SSL_set_alpn_protos(ssl, kProtocols, sizeof(kProtocols) - 1);
  SSL_set_tlsext_host_name(ssl, name.c_str());
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(expected, name.c_str(), 0);
  }
  ERR_clear_error();
}

std::string DistrustOf(const SSL* ssl) {
  const auto result = SSL_get_verify_result(ssl);
  return result == X509_V_OK ? "" : X509_verify_cert_error_string(result);
}

// A client's certificate is looked at after the client's part of the handshake.
// The first word of a gRPC server, which waits for none, says that it is in.
std::string RefusalOf(BIO* tls, absl::Time deadline) {
  const absl::Time patience = std::min(deadline, absl::Now() + kFirstWordMax);
  const bool spoken = Finish(tls, patience, [](BIO* bio) {
    char first = 0;
    return BIO_read(bio, &first, 1) > 0;
  });
  if (spoken || absl::Now() >= patience) {
    ERR_clear_error();
    return "";
  }
  return TakeError();
}

bool IsTimely(const Certificate& certificate, absl::Time now) {
  return certificate.not_before <= now && now < certificate.not_after;
}

std::string Days(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Hours(duration) / 24, " days");
}

}  // namespace

absl::Status CheckFiles(const Security& security) {
  return ContextFor(security).status();
}

absl::StatusOr<std::optional<Handshake>> ShakeHands(
    const std::string& endpoint, const Security& security,
    absl::Duration timeout) {
  if (absl::StartsWith(endpoint, "unix:")) {
    if (!security.tls) return std::nullopt;
    return absl::UnavailableError(absl::StrCat(endpoint, " is no host:port"));
  }
  const absl::Time deadline = absl::Now() + timeout;
  const auto context = ContextFor(security);
  if (!context.ok()) return context.status();
  const auto socket = Connect(endpoint, deadline);
  if (!socket.ok()) return socket.status();
  const BioPtr tls(BIO_new_ssl(context->get(), 1), BIO_free_all);
  SSL* ssl = nullptr;
  BIO_get_ssl(tls.get(), &ssl);
  Expect(security.server_name.empty() ? HostOf(endpoint) : security.server_name,
         ssl);
  BIO_up_ref(socket->get());
  BIO_push(tls.get(), socket->get());
  const bool shaken = Finish(tls.get(), deadline, [](BIO* bio) {
    return BIO_do_handshake(bio) > 0;
  });
  const std::string error = shaken ? "" : TakeError();
  if (!shaken && absl::Now() >= deadline) {
    return absl::UnavailableError(absl::StrCat(endpoint, " does not answer"));
  }
  const X509Ptr shown(SSL_get1_peer_certificate(ssl), X509_free);
  if (shown == nullptr) return std::nullopt;
  return Handshake{
      .certificate = From(shown.get()),
      .distrust = DistrustOf(ssl),
      .refusal = shaken ? RefusalOf(tls.get(), deadline) : error};
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& file) {
  const BioPtr bio(BIO_new_file(file.c_str(), "r"), BIO_free_all);
  if (bio == nullptr) {
    ERR_clear_error();
    return absl::NotFoundError(absl::StrCat(file, " cannot be read"));
  }
  const X509Ptr certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  if (certificate == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        absl::StrCat(file, " holds no certificate in PEM form"));
  }
  return From(certificate.get());
}

void JudgeCertificate(const std::string& subject,
                      const Certificate& certificate, absl::Time now,
                      Diagnosis& diagnosis) {
  Finding finding{.check = "certificate", .subject = subject};
  const std::string which = absl::StrCat("certificate ", certificate.subject);
  const absl::Duration left = certificate.not_after - now;
  if (left <= absl::ZeroDuration()) {
    finding.health = Health::kProblem;
    finding.text = absl::StrCat(which, " expired ", Days(-left), " ago");
  } else if (certificate.not_before > now) {
    finding.health = Health::kProblem;
    finding.text = absl::StrCat(which, " is not valid yet, for ",
                                Days(certificate.not_before - now));
  } else if (left < kExpiryWarning) {
    finding.health = Health::kWarning;
    finding.text = absl::StrCat(which, " expires in ", Days(left));
  } else {
    finding.text = absl::StrCat(which, " is good for ", Days(left));
  }
  if (finding.health != Health::kOk) {
    finding.remedy = "put a new one in its place: \"Certificate expiry\" in "
                     "the runbook";
  }
  diagnosis.Add(std::move(finding));
}

void JudgeHandshake(const std::string& endpoint, const Handshake& handshake,
                    const Security& security, absl::Time now,
                    Diagnosis& diagnosis) {
  JudgeCertificate(endpoint, handshake.certificate, now, diagnosis);
  Finding finding{.check = "tls", .subject = endpoint};
  if (!security.tls) {
    finding.health = Health::kProblem;
    finding.text = "speaks TLS, and is called in plain text";
    finding.remedy = "give --tls-ca, or --tls if an authority of the system "
                     "has signed its certificate";
  } else if (!handshake.distrust.empty()) {
    // That it has expired was just said.
    if (!IsTimely(handshake.certificate, now)) return;
    finding.health = Health::kProblem;
    finding.text =
        absl::StrCat("is not trusted here (", handshake.distrust, ")");
    finding.remedy = "name the authority that has signed its certificate with "
                     "--tls-ca, and with --tls-server-name whom it is for if "
                     "that is not the host in --endpoint; or issue another one";
  } else if (!handshake.refusal.empty()) {
    finding.health = Health::kProblem;
    finding.text =
        absl::StrCat("does not let this client in (", handshake.refusal, ")");
    finding.remedy = "give --tls-cert and --tls-key: a certificate with one "
                     "name, of an authority in the replica's --tls-client-ca; "
                     "its log may say more";
  } else {
    finding.text = "speaks TLS, is trusted, and lets this client in";
  }
  diagnosis.Add(std::move(finding));
}

void JudgePlainText(const std::string& endpoint, const Security& security,
                    Diagnosis& diagnosis) {
  Finding finding{.check = "tls", .subject = endpoint};
  if (security.tls) {
    finding.health = Health::kProblem;
    finding.text = "does not speak TLS, which is asked for";
    finding.remedy = "give budgetd there --tls-cert and --tls-key, or leave "
                     "out --tls, --tls-ca, --tls-cert and --tls-server-name, "
                     "and their variables (BUDGETCTL_TLS_CA)";
  } else if (IsLoopback(endpoint)) {
    finding.text = "speaks plain text, on this machine only";
  } else {
    finding.health = Health::kWarning;
    finding.text = "speaks plain text: whoever is on the way can read and "
                   "change calls";
    finding.remedy = "give budgetd --tls-cert and --tls-key, or put it behind "
                     "a mesh or proxy that encrypts";
  }
  diagnosis.Add(std::move(finding));
}

}  // namespace budget
