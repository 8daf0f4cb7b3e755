// How budgetctl doctor finds out about certificates, and what it says of them.

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/ctl/doctor/certificate.h"
#include "client/ctl/doctor/diagnosis.h"
#include "tests/client/findings.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"

namespace budget {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::PemPair;
using testing::ReplaceFile;
using testing::ScratchDir;
using testing::TestCa;

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kPatience = absl::Seconds(20);

Health HealthAfter(absl::Duration left) {
  Diagnosis diagnosis;
  const absl::Time now = absl::Now();
  JudgeCertificate("tls.crt",
                   {.subject = "CN=budget",
                    .not_before = now - kDay,
                    .not_after = now + left},
                   now, diagnosis);
  return diagnosis.findings().front().health;
}

TEST(DoctorCertificateTest, WarnsAFortnightBeforeItExpires) {
  EXPECT_EQ(HealthAfter(15 * kDay), Health::kOk);
  EXPECT_EQ(HealthAfter(13 * kDay), Health::kWarning);
  EXPECT_EQ(HealthAfter(-kDay), Health::kProblem);
}

TEST(DoctorCertificateTest, ReadsAFile) {
  const ScratchDir scratch;
  const std::string file = scratch / "tls.crt";
  ReplaceFile(file, TestCa("authority")
                        .Issue({.not_after = absl::Now() + 30 * kDay})
                        .certificate);
  const auto certificate = ReadCertificate(file);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_EQ(certificate->subject, "CN=leaf");
  EXPECT_GT(certificate->not_after, absl::Now() + 29 * kDay);
  EXPECT_LT(certificate->not_after, absl::Now() + 31 * kDay);
  EXPECT_TRUE(absl::IsNotFound(ReadCertificate(scratch / "none").status()));
  std::ofstream(file) << "no certificate";
  EXPECT_TRUE(absl::IsInvalidArgument(ReadCertificate(file).status()));
}

// A gRPC server on a free port.
class Listener {
 public:
  explicit Listener(std::shared_ptr<grpc::ServerCredentials> credentials) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", std::move(credentials), &port_);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
  }
  std::string endpoint() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  grpc::CallbackGenericService service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// An authority, a client of it, and servers that trust its clients.
class DoctorTlsTest : public ::testing::Test {
 protected:
  DoctorTlsTest() { ReplaceFile(scratch_ / "ca", ca_.certificate()); }

  static std::shared_ptr<grpc::ServerCredentials> Showing(
      const PemPair& pair) {
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs = {{pair.key, pair.certificate}};
    return grpc::SslServerCredentials(options);
  }

  std::shared_ptr<grpc::ServerCredentials> RequiringCertificates() const {
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    const PemPair pair = ca_.IssueServer();
    options.pem_root_certs = ca_.certificate();
    options.pem_key_cert_pairs = {{pair.key, pair.certificate}};
    return grpc::SslServerCredentials(options);
  }

  Security Trusting() const {
    return {.tls = true, .roots_file = scratch_ / "ca"};
  }

  // With a certificate of `authority`.
  Security Introduced(const TestCa& authority) const {
    const PemPair pair = authority.Issue({.names = {"DNS:gateway"}});
    ReplaceFile(scratch_ / "client.crt", pair.certificate);
    ReplaceFile(scratch_ / "client.key", pair.key);
    Security security = Trusting();
    security.certificate_file = scratch_ / "client.crt";
    security.key_file = scratch_ / "client.key";
    return security;
  }

  // What is said of a server that speaks TLS.
  static Diagnosis Judged(const std::string& endpoint,
                          const Security& security) {
    Diagnosis diagnosis;
    const auto handshake = ShakeHands(endpoint, security, kPatience);
    EXPECT_TRUE(handshake.ok() && *handshake) << handshake.status();
    if (handshake.ok() && *handshake) {
      JudgeHandshake(endpoint, **handshake, security, absl::Now(), diagnosis);
    }
    return diagnosis;
  }

  const ScratchDir scratch_;
  const TestCa ca_{"authority"};
};

TEST_F(DoctorTlsTest, AsksAServerForItsCertificate) {
  const absl::Time now = absl::Now();
  const Listener listener(Showing(ca_.Issue(
      {.names = {"IP:127.0.0.1"}, .not_before = now - 2 * kDay,
       .not_after = now - kDay})));
  const auto handshake = ShakeHands(listener.endpoint(), {}, kPatience);
  ASSERT_TRUE(handshake.ok()) << handshake.status();
  ASSERT_TRUE(handshake->has_value());
  EXPECT_EQ((*handshake)->certificate.subject, "CN=leaf");
  EXPECT_LT((*handshake)->certificate.not_after, now);
  EXPECT_THAT(Complaints(Judged(listener.endpoint(), Trusting())),
              ::testing::ElementsAre("certificate"));
}

TEST_F(DoctorTlsTest, TrustsAsTheFlagsSay) {
  const Listener listener(Showing(ca_.IssueServer()));
  Diagnosis diagnosis = Judged(listener.endpoint(), Trusting());
  EXPECT_TRUE(diagnosis.healthy());
  EXPECT_THAT(FindingOf(diagnosis, "tls").text, HasSubstr("is trusted"));

  Security other = Trusting();
  other.server_name = "budget.internal";
  diagnosis = Judged(listener.endpoint(), other);
  EXPECT_FALSE(diagnosis.healthy());
  EXPECT_THAT(FindingOf(diagnosis, "tls").text, HasSubstr("ostname mismatch"));

  ReplaceFile(scratch_ / "ca", TestCa("another").certificate());
  diagnosis = Judged(listener.endpoint(), Trusting());
  EXPECT_THAT(FindingOf(diagnosis, "tls").text, HasSubstr("is not trusted"));

  diagnosis = Judged(listener.endpoint(), {});
  EXPECT_FALSE(diagnosis.healthy());
  EXPECT_THAT(FindingOf(diagnosis, "tls").remedy, HasSubstr("--tls-ca"));
}

TEST_F(DoctorTlsTest, SaysWhomTheServerDoesNotLetIn) {
  const Listener listener(RequiringCertificates());
  EXPECT_TRUE(Judged(listener.endpoint(), Introduced(ca_)).healthy());
  for (const Security& stranger :
       {Trusting(), Introduced(TestCa("another"))}) {
    const Diagnosis diagnosis = Judged(listener.endpoint(), stranger);
    EXPECT_FALSE(diagnosis.healthy());
    EXPECT_THAT(FindingOf(diagnosis, "tls").text,
                HasSubstr("does not let this client in"));
  }
}

TEST_F(DoctorTlsTest, NamesTheFlagWhoseFileIsOfNoUse) {
  Security security = Introduced(ca_);
  EXPECT_TRUE(CheckFiles(security).ok());
  ReplaceFile(security.key_file, ca_.Issue({}).key);
  EXPECT_THAT(std::string(CheckFiles(security).message()),
              AllOf(HasSubstr("--tls-key"), HasSubstr("--tls-cert")));
  ReplaceFile(security.certificate_file, "nothing");
  EXPECT_THAT(std::string(CheckFiles(security).message()),
              HasSubstr("--tls-cert"));
  ReplaceFile(security.roots_file, "nothing");
  EXPECT_THAT(std::string(CheckFiles(security).message()),
              HasSubstr("--tls-ca"));
}

TEST_F(DoctorTlsTest, SeesPlainText) {
  std::string endpoint;
  {
    const Listener listener(grpc::InsecureServerCredentials());
    endpoint = listener.endpoint();
    const auto handshake = ShakeHands(endpoint, {}, kPatience);
    ASSERT_TRUE(handshake.ok()) << handshake.status();
    EXPECT_FALSE(handshake->has_value());
  }
  EXPECT_TRUE(
      absl::IsUnavailable(ShakeHands(endpoint, {}, kPatience).status()));
}

TEST_F(DoctorTlsTest, PlainTextIsFineOnThisMachineOnly) {
  Diagnosis diagnosis;
  JudgePlainText("127.0.0.1:7443", {}, diagnosis);
  EXPECT_THAT(Complaints(diagnosis), IsEmpty());
  JudgePlainText("10.0.0.7:7443", {}, diagnosis);
  EXPECT_THAT(Complaints(diagnosis), ::testing::ElementsAre("tls"));
  EXPECT_TRUE(diagnosis.healthy());
  JudgePlainText("127.0.0.1:7443", Trusting(), diagnosis);
  EXPECT_FALSE(diagnosis.healthy());
}

}  // namespace
}  // namespace budget
