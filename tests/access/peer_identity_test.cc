#include "server/access/peer_identity.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_ca.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;

// The principal, or why there is none.
std::string Principal(const PeerNames& names,
                      const std::string& trust_domain = "") {
  const auto principal = PrincipalOfPeer(names, trust_domain);
  if (principal.ok()) return *principal;
  EXPECT_EQ(principal.status().code(), absl::StatusCode::kPermissionDenied);
  return std::string(principal.status().message());
}

TEST(PeerIdentityTest, ASpiffeIdIsThePrincipalAsItStands) {
  EXPECT_EQ(Principal({.uris = {"spiffe://prod.example.com/ns/ai/sa/gateway"}}),
            "spiffe://prod.example.com/ns/ai/sa/gateway");
}

TEST(PeerIdentityTest, ASpiffeIdGoesBeforeDnsNames) {
  EXPECT_EQ(Principal({.uris = {"spiffe://prod/gw"}, .dns = {"a.b", "c.d"}}),
            "spiffe://prod/gw");
}

TEST(PeerIdentityTest, OneDnsNameIsThePrincipalInLowerCase) {
  EXPECT_EQ(Principal({.dns = {"Gateway-1.Example.COM"}}),
            "dns:gateway-1.example.com");
  EXPECT_EQ(Principal({.uris = {"https://example.com/gw"}, .dns = {"gw"}}),
            "dns:gw");
}

TEST(PeerIdentityTest, SeveralUrisAreRefusedWhateverTheyAre) {
  EXPECT_THAT(Principal({.uris = {"spiffe://a/b", "spiffe://a/c"}}),
              HasSubstr("more than one URI"));
  EXPECT_THAT(Principal({.uris = {"spiffe://a/b", "https://a/b"}}),
              HasSubstr("more than one URI"));
  EXPECT_THAT(Principal({.uris = {"spiffe://a/b", "spiffe://a/b"}}),
              HasSubstr("more than one URI"));
}

TEST(PeerIdentityTest, NoNameAndSeveralDnsNamesAreRefused) {
  EXPECT_THAT(Principal({}), HasSubstr("neither"));
  EXPECT_THAT(Principal({.dns = {"a.b", "c.d"}}),
              HasSubstr("more than one DNS name"));
}

TEST(PeerIdentityTest, ATrustDomainLeavesOnlyItsOwnSpiffeIds) {
  EXPECT_EQ(Principal({.uris = {"spiffe://prod/gw"}}, "prod"),
            "spiffe://prod/gw");
  EXPECT_THAT(Principal({.uris = {"spiffe://test/gw"}}, "prod"),
              HasSubstr("not prod"));
  EXPECT_THAT(Principal({.uris = {"spiffe://prod.evil/gw"}}, "prod"),
              HasSubstr("not prod"));
  EXPECT_THAT(Principal({.dns = {"prod"}}, "prod"),
              HasSubstr("no SPIFFE ID of trust domain prod"));
}

class MalformedSpiffeIdTest : public ::testing::TestWithParam<std::string> {};

// Also where a DNS name would do.
TEST_P(MalformedSpiffeIdTest, IsRefused) {
  EXPECT_THAT(Principal({.uris = {GetParam()}, .dns = {"a.b"}}),
              HasSubstr("not of the form spiffe://trust-domain/path"));
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedSpiffeIdTest,
    ::testing::Values(
        "spiffe:", "spiffe://", "spiffe:///path", "spiffe://prod",
        "spiffe://prod/", "spiffe://prod//a", "spiffe://prod/a/",
        "spiffe://prod/a/../b", "spiffe://prod/./a", "spiffe://Prod/a",
        "SPIFFE://prod/a", "spiffe:prod/a", "spiffe://prod:443/a",
        "spiffe://user@prod/a", "spiffe://prod/a?b=c", "spiffe://prod/a#b",
        "spiffe://prod/a%2fb", "spiffe://prod/a b",
        std::string("spiffe://prod/a\0b", 17), "spiffe://prod/a\n",
        "spiffe://prod/" + std::string(2048, 'a'),
        "spiffe://" + std::string(256, 'a') + "/b"));

class NoHostNameTest : public ::testing::TestWithParam<std::string> {};

TEST_P(NoHostNameTest, IsRefused) {
  EXPECT_THAT(Principal({.dns = {GetParam()}}), HasSubstr("one host"));
}

INSTANTIATE_TEST_SUITE_P(All, NoHostNameTest,
                         ::testing::Values("", "*.example.com", "a..b", "a.",
                                           ".a", "-a.b", "a-.b", "a b",
                                           "a/b", std::string("a\0b", 3),
                                           std::string(64, 'a'),
                                           "a\nspiffe://prod/gw"));

class OfCertificateTest : public ::testing::Test {
 protected:
  std::string Principal(const CertificateSpec& spec) {
    const auto principal =
        PrincipalOfCertificate(ca_.Issue(spec).certificate, "");
    return principal.ok() ? *principal
                          : std::string(principal.status().message());
  }

  TestCa ca_{"authority"};
};

TEST_F(OfCertificateTest, NamesAreReadFromTheCertificate) {
  EXPECT_EQ(Principal({.names = {"URI:spiffe://prod/gw", "DNS:a.example"}}),
            "spiffe://prod/gw");
  EXPECT_EQ(Principal({.names = {"DNS:a.example", "IP:10.0.0.1"}}),
            "dns:a.example");
}

TEST_F(OfCertificateTest, SeveralUrisAreRefused) {
  EXPECT_THAT(Principal({.names = {"URI:spiffe://a/b", "URI:spiffe://a/c"}}),
              HasSubstr("more than one URI"));
}

TEST_F(OfCertificateTest, OneThatMaySignOthersIsRefused) {
  EXPECT_THAT(Principal({.names = {"URI:spiffe://prod/gw"}, .is_ca = true}),
              HasSubstr("may sign"));
  for (const char* usage : {"keyCertSign", "digitalSignature,cRLSign"}) {
    EXPECT_THAT(
        Principal({.names = {"URI:spiffe://prod/gw"}, .key_usage = usage}),
        HasSubstr("may sign"));
  }
  EXPECT_EQ(Principal({.names = {"URI:spiffe://prod/gw"},
                       .key_usage = "critical,digitalSignature"}),
            "spiffe://prod/gw");
}

TEST_F(OfCertificateTest, WhatIsNoCertificateIsRefused) {
  for (const char* pem :
       {"", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n"}) {
    EXPECT_THAT(PrincipalOfCertificate(pem, "").status().message(),
                HasSubstr("no certificate"));
  }
}

TEST(TrustDomainTest, IsALowerCaseName) {
  EXPECT_TRUE(CheckTrustDomain("prod.example-1.com").ok());
  for (const char* wrong : {"", "Prod", "spiffe://prod", "prod/", "a b"}) {
    EXPECT_FALSE(CheckTrustDomain(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace budget::testing
