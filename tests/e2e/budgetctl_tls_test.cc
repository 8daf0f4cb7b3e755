// budgetctl over TLS: its files, flags and variables.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/e2e/budgetctl_fixture.h"
#include "tests/support/test_ca.h"

namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Pairs for a server and an administrator of one authority.
struct IdentityFiles {
  IdentityFiles() {
    const auto put = [&](const char* name, const std::string& content) {
      ReplaceFile(identity_dir / name, content);
    };
    const PemPair server = ca.IssueServer();
    const PemPair admin = ca.Issue({.names = {"URI:spiffe://prod/admin"}});
    put("ca", ca.certificate());
    put("server.crt", server.certificate);
    put("server.key", server.key);
    put("admin.crt", admin.certificate);
    put("admin.key", admin.key);
  }

  Arguments ServerFlags() const {
    return {"--tls-cert=" + identity_dir / "server.crt",
            "--tls-key=" + identity_dir / "server.key",
            "--tls-client-ca=" + identity_dir / "ca",
            "--tls-client-auth=require", "--spiffe-trust-domain=prod"};
  }
  Arguments Admin(Arguments command) const {
    command.insert(command.end(),
                   {"--tls-ca", identity_dir / "ca", "--tls-cert",
                    identity_dir / "admin.crt", "--tls-key",
                    identity_dir / "admin.key"});
    return command;
  }

  const ScratchDir identity_dir;
  const TestCa ca{"authority"};
};

// The files are there before the server is.
class BudgetctlTlsTest : public IdentityFiles, public BudgetctlTest {
 protected:
  BudgetctlTlsTest() : BudgetctlTest(ServerFlags()) {}
  void TearDown() override {}

  // Lets the principal of admin.crt do everything.
  void MakeAdmin() {
    const Arguments grant =
        Admin({"grants", "add", "spiffe://prod/admin", "admin", "*",
               "--token-file", BootstrapToken()});
    // The server looks for new tokens once a second.
    ASSERT_TRUE(Eventually([&] { return Ctl(grant).exit_code == kOk; }));
  }
};

TEST_F(BudgetctlTlsTest, SpeaksTlsBothWays) {
  EXPECT_THAT(Text(Admin({"wait-ready"})), HasSubstr("serves"));
  EXPECT_THAT(Failure(kError, Admin({"allocations", "create", "acme"})),
              AllOf(HasSubstr("PERMISSION_DENIED"),
                    HasSubstr("spiffe://prod/admin")));
  MakeAdmin();
  Text(Admin({"allocations", "create", "acme"}));
  EXPECT_THAT(Text(Admin({"ledger", "acme"})),
              HasSubstr("spiffe://prod/admin"));
  EXPECT_THAT(Text(Admin({"allocations", "get", "acme"})), HasSubstr("acme"));
  EXPECT_THAT(server_.log(), HasSubstr("\"tls_certificate\",\"expires\":"));
}

TEST_F(BudgetctlTlsTest, WithoutACertificateNobodyGetsIn) {
  Text(Admin({"wait-ready"}));
  Failure(kUnavailable, {"remaining", "acme", "--timeout", "1s"});
  Failure(kUnavailable, {"remaining", "acme", "--timeout", "1s", "--tls-ca",
                         identity_dir / "ca"});
}

TEST_F(BudgetctlTlsTest, DoctorIsSecuredAsEveryCommandIs) {
  Text(Admin({"wait-ready"}));
  MakeAdmin();
  EXPECT_THAT(Text(Admin({"doctor"})),
              AllOf(HasSubstr("lets this client in"), HasSubstr("admin.crt"),
                    HasSubstr("expires in"), HasSubstr("is release"),
                    HasSubstr("0 problems")));
  const CtlRun stranger =
      Ctl({"doctor", "--timeout", "1s", "--tls-ca", identity_dir / "ca"});
  EXPECT_EQ(stranger.exit_code, kUnhealthy);
  EXPECT_THAT(stranger.out, AllOf(HasSubstr("does not let this client in"),
                                  HasSubstr("--tls-cert")));
  const CtlRun plain = Ctl({"doctor", "--timeout", "1s"});
  EXPECT_EQ(plain.exit_code, kUnhealthy);
  EXPECT_THAT(plain.out, AllOf(HasSubstr("is called in plain text"),
                               HasSubstr("--tls-ca")));
}

TEST_F(BudgetctlTlsTest, VariablesServeAsWell) {
  setenv("BUDGETCTL_TLS_CA", (identity_dir / "ca").c_str(), 1);
  setenv("BUDGETCTL_TLS_CERT", (identity_dir / "admin.crt").c_str(), 1);
  setenv("BUDGETCTL_TLS_KEY", (identity_dir / "admin.key").c_str(), 1);
  EXPECT_THAT(Text({"wait-ready"}), HasSubstr("serves"));
  for (const char* name :
       {"BUDGETCTL_TLS_CA", "BUDGETCTL_TLS_CERT", "BUDGETCTL_TLS_KEY"}) {
    unsetenv(name);
  }
}

TEST_F(BudgetctlTest, FilesOfIdentitiesAreNamedWhereTheyAreWrong) {
  EXPECT_THAT(Failure(kUsage, {"wait-ready", "--tls-ca", "/nowhere/at/all"}),
              AllOf(HasSubstr("--tls-ca"), HasSubstr("/nowhere/at/all")));
  EXPECT_THAT(
      Failure(kUsage, {"wait-ready", "--tls-cert", scratch_ / "server.log"}),
      HasSubstr("--tls-key"));
  const std::string token = scratch_ / "token";
  ReplaceFile(token, "abc");
  EXPECT_THAT(Text({"wait-ready", "--token-file", token}), HasSubstr("serves"));
}

}  // namespace
}  // namespace budget::testing
