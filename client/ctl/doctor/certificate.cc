#include "client/ctl/doctor/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <time.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace budget {
namespace {

constexpr absl::Duration kExpiryWarning = absl::Hours(24 * 14);

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
  const short events = BIO_should_read(connection) ? POLLIN : POLLOUT;
  pollfd one = {.fd = fd, .events = events, .revents = 0};
  // Before there is a socket, there is nothing to wait for but time.
  if (fd < 0) absl::SleepFor(std::min(left, absl::Milliseconds(10)));
  return fd < 0 ||
         poll(&one, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) >
             0;
}

// Runs `step` until it succeeds or fails, at `deadline` at the latest.
bool Finish(BIO* connection, absl::Time deadline, long (*step)(BIO*)) {
  while (step(connection) <= 0) {
    if (!BIO_should_retry(connection) || !WaitFor(connection, deadline)) {
      return false;
    }
  }
  return true;
}

std::string HostOf(const std::string& endpoint) {
  return endpoint.substr(0, endpoint.rfind(':'));
}

bool IsLoopback(const std::string& endpoint) {
  const std::string host = HostOf(endpoint);
  return absl::StartsWith(host, "127.") || host == "localhost" ||
         host == "[::1]" || absl::StartsWith(endpoint, "unix:");
}

std::string Days(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Hours(duration) / 24, " days");
}

}  // namespace

absl::StatusOr<std::optional<Certificate>> CertificateOf(
    const std::string& endpoint, absl::Duration timeout) {
  if (absl::StartsWith(endpoint, "unix:")) return std::nullopt;
  const absl::Time deadline = absl::Now() + timeout;
  const BioPtr socket(BIO_new_connect(endpoint.c_str()), BIO_free_all);
  if (socket == nullptr) {
    return absl::UnavailableError(absl::StrCat(endpoint, " is no host:port"));
  }
  BIO_set_nbio(socket.get(), 1);
  if (!Finish(socket.get(), deadline,
              [](BIO* bio) { return BIO_do_connect(bio); })) {
    ERR_clear_error();
    return absl::UnavailableError(
        absl::StrCat(endpoint, " cannot be reached"));
  }
  const ContextPtr context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const BioPtr tls(BIO_new_ssl(context.get(), 1), BIO_free_all);
  SSL* ssl = nullptr;
  BIO_get_ssl(tls.get(), &ssl);
  // gRPC answers only who speaks HTTP/2.
  constexpr unsigned char kProtocols[] = "\x02h2";
  SSL_set_alpn_protos(ssl, kProtocols, sizeof(kProtocols) - 1);
  SSL_set_tlsext_host_name(ssl, HostOf(endpoint).c_str());
  BIO_up_ref(socket.get());
  BIO_push(tls.get(), socket.get());
  const bool shaken = Finish(tls.get(), deadline,
                             [](BIO* bio) { return BIO_do_handshake(bio); });
  ERR_clear_error();
  if (!shaken && absl::Now() >= deadline) {
    return absl::UnavailableError(absl::StrCat(endpoint, " does not answer"));
  }
  if (!shaken) return std::nullopt;
  const X509Ptr shown(SSL_get1_peer_certificate(ssl), X509_free);
  if (shown == nullptr) return std::nullopt;
  return From(shown.get());
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

void JudgePlainText(const std::string& endpoint, Diagnosis& diagnosis) {
  if (IsLoopback(endpoint)) {
    diagnosis.Add({.check = "tls",
                   .subject = endpoint,
                   .text = "speaks plain text, on this machine only"});
    return;
  }
  diagnosis.Add({.health = Health::kWarning,
                 .check = "tls",
                 .subject = endpoint,
                 .text = "speaks plain text: whoever is on the way can read "
                         "and change calls",
                 .remedy = "give budgetd a certificate, or put it behind a "
                           "mesh or proxy that encrypts"});
}

}  // namespace budget
