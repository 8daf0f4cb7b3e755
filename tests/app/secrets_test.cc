// A secret that is planted wherever one may be given must come out nowhere:
// not in the log, the configuration, an error of a call, a usage error, or the
// pages for those who watch.

#include <signal.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "server/app/mask_secrets.h"
#include "tests/app/budgetd_process.h"
#include "tests/metrics/scrape.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"
#include "tests/support/test_jwt.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSecret[] = "hunter2-PLANTED";
constexpr char kRequest[] = "0190a5f4-7c00-4000-8000-000000000001";

// Every form in which libpq takes a password, and some mistaken ones.
std::vector<std::string> UrlsWithTheSecret() {
  std::vector<std::string> urls;
  for (const char* form :
       {"postgresql://u:@@/d?host=/nowhere", "postgres://u:@@@h.invalid/d",
        "postgresql://u:x?@@y@h.invalid/d", "postgresql://u:x@@@y@h.invalid/d",
        "postgresql://u:x?y=@@@h.invalid/d",
        "postgresql://h.invalid:1?user=a@b&password=@@",
        "postgresql://u:@@@a.invalid:1,b.invalid:2/d",
        "postgresql://u:x/@@@h.invalid/d", "postgresql://u:x=@@@h.invalid/d",
        "postgresql://u:x%40@@@h.invalid:1/d?sslmode=disable",
        "postgresql://h.invalid/d?user=u&password=@@",
        "postgresql://h.invalid/d?password=@@&user=u",
        "postgresql://u@h.invalid/d?sslpassword=@@", "postgresql://u:@@",
        "postgresql://:@@@h.invalid:port/d", "postgresql:/u:@@@h.invalid/d",
        "host=/nowhere password=@@", "password=@@ host=/nowhere dbname=d",
        "password = '@@ and more' host=/nowhere", "PASSWORD=@@ host=/nowhere",
        "host=/nowhere password='it\\'s @@' dbname=d", "password=x @@ host=h",
        "host=/nowhere sslpassword=@@ password=@@",
        "host=/nowhere\tpassword=@@", "password='@@"}) {
    urls.push_back(absl::StrReplaceAll(form, {{"@@", kSecret}}));
  }
  return urls;
}

class SecretsTest : public ::testing::Test {
 protected:
  void ExpectNoSecret(const std::string& text, const std::string& where) {
    EXPECT_THAT(text, Not(HasSubstr("PLANTED"))) << where;
    EXPECT_THAT(text, Not(HasSubstr("hunter2"))) << where;
  }

  // The exit code of a run of budgetd that ends by itself, and its output.
  int Run(const std::vector<std::string>& arguments, std::string& output) {
    Budgetd server(scratch_, absl::StrCat("run", ++runs_), arguments);
    const int exit_code = server.Wait();
    output = server.log();
    return exit_code;
  }

  std::string File(const std::string& text) {
    const std::string path = scratch_ / absl::StrCat("url", ++runs_);
    std::ofstream(path) << text << "\n";
    return path;
  }

  // The URL of a database that lets anybody in, with the secret in it.
  std::string OpenUrl(const std::string& uri) {
    return absl::StrReplaceAll(
        uri, {{"postgresql:///", absl::StrCat("postgresql://budget:", kSecret,
                                              "@/")},
              {"&user=budget", ""}});
  }

  // What its pages say, which are ready or not as `status` says: 200 or 503.
  void ExpectNoSecretInPages(int port, int status) {
    EXPECT_TRUE(Eventually(
        [&] { return Get(port, "/readyz").status == status; }));
    ExpectNoSecret(Get(port, "/readyz").body, "/readyz");
    const HttpAnswer metrics = Get(port, "/metrics");
    EXPECT_EQ(metrics.status, 200);
    EXPECT_THAT(metrics.body, HasSubstr("budget_"));
    ExpectNoSecret(metrics.body, "/metrics");
  }

  // Breaks the database under a server, and looks at all it says meanwhile.
  void ExpectKeptWhileServing(const std::string& uri,
                              std::vector<std::string> flags) {
    const std::string port_file = scratch_ / absl::StrCat("metrics", ++runs_);
    flags.push_back("--metrics-port-file=" + port_file);
    Budgetd server(scratch_, absl::StrCat("serve", ++runs_), flags);
    ASSERT_TRUE(server.Serves()) << server.log();
    int port = 0;
    ASSERT_TRUE(absl::SimpleAtoi(ReadFile(port_file), &port));
    ExpectNoSecretInPages(port, 200);
    EXPECT_THAT(server.log(), HasSubstr("\"setting\",\"database-url\":"));
    KillConnections(uri);
    RunSql(uri, "ALTER TABLE budget.roots RENAME TO roots_away");
    const grpc::Status broken =
        server.CreateOnce("acme", kRequest, absl::Seconds(10));
    EXPECT_FALSE(broken.ok());
    ExpectNoSecret(broken.error_message() + broken.error_details(), "an error");
    EXPECT_TRUE(Eventually([&] {
      return absl::StrContains(server.log(), "database_lost");
    }));
    ExpectNoSecretInPages(port, 503);
    RunSql(uri, "ALTER TABLE budget.roots_away RENAME TO roots");
    // A root that met a broken invariant is stopped; others go on.
    const grpc::Status mended = server.Create("globex", kRequest);
    EXPECT_TRUE(mended.ok()) << mended.error_message();
    server.Send(SIGTERM);
    EXPECT_EQ(server.Wait(), 0);
    ExpectNoSecret(server.log(), "the log");
  }

  ScratchDir scratch_;
  int runs_ = 0;
};

TEST_F(SecretsTest, MasksEveryFormOfAUrl) {
  for (const std::string& url : UrlsWithTheSecret()) {
    ExpectNoSecret(MaskSecrets(url), "MaskSecrets");
  }
}

TEST_F(SecretsTest, KeepsWhatIsNoSecret) {
  EXPECT_EQ(MaskSecrets("postgresql://u@h:5432/d?sslmode=verify-full"),
            "postgresql://u@h:5432/d?sslmode=verify-full");
  EXPECT_EQ(MaskSecrets("postgresql://u:p@h/d?application_name=a@b"),
            "postgresql://u:***@h/d?application_name=a@b");
  EXPECT_EQ(MaskSecrets("host=h password=p dbname=d"),
            "host=h password=*** dbname=d");
  EXPECT_EQ(MaskSecrets("/etc/budgetd/url"), "/etc/budgetd/url");
}

TEST_F(SecretsTest, KeepsTheUrlOfAFlagThatCannotBeUsed) {
  for (const std::string& url : UrlsWithTheSecret()) {
    std::string output;
    EXPECT_NE(Run({"--database-url=" + url, "--database-wait=0s"}, output), 0);
    EXPECT_NE(output, "");
    ExpectNoSecret(output, "the log");
    Run({"config", "--database-url=" + url}, output);
    ExpectNoSecret(output, "config");
    Run({"migrate", "--database-url=" + url, "--database-wait=0s"}, output);
    ExpectNoSecret(output, "migrate");
  }
}

TEST_F(SecretsTest, KeepsTheUrlOfAFileThatCannotBeUsed) {
  for (const std::string& url : UrlsWithTheSecret()) {
    std::string output;
    EXPECT_NE(
        Run({"--database-url-file=" + File(url), "--database-wait=0s"}, output),
        0);
    ExpectNoSecret(output, "the log");
    Run({"config", "--database-url-file=" + File(url)}, output);
    ExpectNoSecret(output, "config");
  }
}

TEST_F(SecretsTest, KeepsAUrlInThePlaceOfSomethingElse) {
  const std::string url = absl::StrCat("postgresql://u:", kSecret, "@h/d");
  for (const std::vector<std::string>& flags :
       std::vector<std::vector<std::string>>{
           {url},
           {"serve", url},
           {"--database-url-file=" + url},
           {"--listen=" + url},
           {"--workers=" + url},
           {"--log-level=" + url},
           {"--database-ur1=" + url},
           {absl::StrCat("password=", kSecret)}}) {
    std::string output;
    EXPECT_EQ(Run(flags, output), 2);
    EXPECT_NE(output, "");
    ExpectNoSecret(output, flags.back());
  }
}

TEST_F(SecretsTest, KeepsTheUrlOfAFlagWhileServing) {
  const std::string uri = FreshDatabase();
  ExpectKeptWhileServing(
      uri, {"--database-url=" + OpenUrl(uri), "--log-level=debug"});
}

TEST_F(SecretsTest, KeepsTheUrlOfAFileWhileServing) {
  const std::string uri = FreshDatabase();
  ExpectKeptWhileServing(
      uri, {"--database-url-file=" + File(OpenUrl(uri)), "--log-level=debug"});
}

TEST_F(SecretsTest, KeepsTheUrlOfTheEnvironmentWhileServing) {
  const std::string uri = FreshDatabase();
  setenv("BUDGETD_DATABASE_URL", OpenUrl(uri).c_str(), 1);
  ExpectKeptWhileServing(uri, {"--log-level=debug"});
  unsetenv("BUDGETD_DATABASE_URL");
}

// Those that are good, and those that are not.
TEST_F(SecretsTest, KeepsTheTokensOfItsCallers) {
  const JwtSigner signer = JwtSigner::Ec();
  ReplaceFile(scratch_ / "keys", signer.Pem());
  const std::string port_file = scratch_ / "metrics";
  Budgetd server(scratch_, "a",
                 {"--database-url=" + FreshDatabase(), "--log-calls",
                  "--log-level=debug", "--jwt-keys=" + (scratch_ / "keys"),
                  "--jwt-issuer=i", "--jwt-audience=a",
                  "--metrics-port-file=" + port_file});
  ASSERT_TRUE(server.Serves()) << server.log();
  const auto jwt = [](const JwtSigner& key) {
    return key.Sign(R"({"alg":"ES256"})",
                    R"({"iss":"i","aud":"a","sub":"gw","exp":4000000000})");
  };
  const auto stub = v1::BudgetService::NewStub(
      grpc::CreateChannel("127.0.0.1:" + server.port(),
                          grpc::InsecureChannelCredentials()));
  std::vector<std::string> said;
  std::vector<std::string> secrets = {"PLANTED", "hunter2"};
  const auto call = [&](const std::string& authorization) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", authorization);
    v1::QueryRemainingRequest request;
    request.set_allocation("acme");
    v1::QueryRemainingResponse response;
    const grpc::Status status =
        stub->QueryRemaining(&context, request, &response);
    EXPECT_FALSE(status.ok());
    said.push_back(status.error_message() + status.error_details());
  };
  for (const JwtSigner& key : {signer, JwtSigner::Ec()}) {
    const std::string token = jwt(key);
    for (absl::string_view part : absl::StrSplit(token, '.')) {
      secrets.emplace_back(part);
    }
    call("Bearer " + token);
  }
  call(absl::StrCat("Bearer bgt_0123456789abcdef_", kSecret));
  call(absl::StrCat("Basic ", kSecret));
  call(kSecret);
  int port = 0;
  ASSERT_TRUE(absl::SimpleAtoi(ReadFile(port_file), &port));
  said.push_back(Get(port, "/metrics").body);
  server.Send(SIGTERM);
  EXPECT_EQ(server.Wait(), 0);
  // The principal of the good one, but nothing that it was proved by.
  EXPECT_THAT(server.log(), HasSubstr("jwt:i#gw"));
  said.push_back(server.log());
  for (const std::string& text : said) {
    for (const std::string& secret : secrets) {
      EXPECT_THAT(text, Not(HasSubstr(secret)));
    }
  }
}

}  // namespace
}  // namespace budget::testing
