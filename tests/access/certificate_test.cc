#include "server/access/certificate.h"

#include <openssl/err.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"

namespace budget::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CertificateTest : public ::testing::Test {
 protected:
  // gRPC's handshakes take an error that is left in the queue for theirs.
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u); }

  std::string PairError(const PemPair& pair) {
    return std::string(
        CheckKeyPair({pair.certificate, pair.key}, absl::Now()).message());
  }

  TestCa ca_{"authority"};
};

TEST_F(CertificateTest, SaysItsNamesAndItsTime) {
  const absl::Time end = absl::FromUnixSeconds(2'000'000'000);
  const auto certificate = ParseCertificate(
      ca_.Issue({.names = {"URI:spiffe://a/b", "DNS:x.y", "DNS:z"},
                 .not_before = end - absl::Hours(1),
                 .not_after = end})
          .certificate);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_THAT(certificate->uri_sans, ElementsAre("spiffe://a/b"));
  EXPECT_THAT(certificate->dns_sans, ElementsAre("x.y", "z"));
  EXPECT_FALSE(certificate->may_sign);
  EXPECT_EQ(certificate->not_before, end - absl::Hours(1));
  EXPECT_EQ(certificate->not_after, end);
}

TEST_F(CertificateTest, ItsExpiryIsReadFromAFile) {
  const absl::Time end = absl::FromUnixSeconds(2'000'000'000);
  const ScratchDir scratch;
  const std::string path = scratch / "a.pem";
  ReplaceFile(path, ca_.Issue({.not_after = end}).certificate);
  EXPECT_EQ(CertificateExpiry(path).value(), end);
  EXPECT_THAT(CertificateExpiry(scratch / "none").status().message(),
              HasSubstr("cannot be read"));
  ReplaceFile(path, "nothing of use");
  EXPECT_THAT(CertificateExpiry(path).status().message(),
              HasSubstr("no certificate"));
}

TEST_F(CertificateTest, AKeyAndItsChainAreAPair) {
  PemPair pair = ca_.IssueServer();
  EXPECT_EQ(PairError(pair), "");
  pair.certificate += ca_.certificate();
  EXPECT_EQ(PairError(pair), "");
}

TEST_F(CertificateTest, AnothersKeyIsNoPair) {
  EXPECT_THAT(
      PairError({ca_.IssueServer().certificate, ca_.IssueServer().key}),
      HasSubstr("do not belong together"));
}

TEST_F(CertificateTest, HalfAFileIsNoPair) {
  const PemPair pair = ca_.IssueServer();
  EXPECT_THAT(PairError({pair.certificate.substr(0, 300), pair.key}),
              HasSubstr("cannot be read"));
  EXPECT_THAT(PairError({pair.certificate + pair.certificate.substr(0, 300),
                         pair.key}),
              HasSubstr("certificate 2"));
  EXPECT_THAT(PairError({pair.certificate, pair.key.substr(0, 60)}),
              HasSubstr("key cannot be read"));
  EXPECT_THAT(PairError({"", pair.key}), HasSubstr("no certificate"));
}

TEST_F(CertificateTest, AnEncryptedKeyIsRefusedWithoutAskingForAPassphrase) {
  const PemPair pair = ca_.IssueServer();
  EXPECT_THAT(PairError({pair.certificate,
                         "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGj\n"
                         "-----END ENCRYPTED PRIVATE KEY-----\n"}),
              HasSubstr("without a passphrase"));
}

TEST_F(CertificateTest, OnlyWhatIsValidNowIsAPair) {
  EXPECT_THAT(PairError(ca_.Issue({.not_after = absl::Now() - absl::Hours(1)})),
              HasSubstr("expired at"));
  EXPECT_THAT(
      PairError(ca_.Issue({.not_before = absl::Now() + absl::Hours(1)})),
      HasSubstr("not valid before"));
}

TEST_F(CertificateTest, ABundleIsCheckedToItsEnd) {
  const std::string two = ca_.certificate() + TestCa("b").certificate();
  EXPECT_TRUE(CheckCertificates(two).ok());
  EXPECT_THAT(CheckCertificates(two.substr(0, two.size() - 200)).message(),
              HasSubstr("certificate 2"));
  EXPECT_THAT(CheckCertificates("").message(), HasSubstr("no certificate"));
}

}  // namespace
}  // namespace budget::testing
