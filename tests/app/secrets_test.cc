// A password that is planted wherever one may be given must come out nowhere:
// not in the log, the configuration, an error of a call, or a usage error.

#include <signal.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/mask_secrets.h"
#include "tests/app/budgetd_process.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/scratch_dir.h"

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

  // Breaks the database under a server, and looks at all it says meanwhile.
  void ExpectKeptWhileServing(const std::string& uri,
                              const std::vector<std::string>& flags) {
    Budgetd server(scratch_, absl::StrCat("serve", ++runs_), flags);
    ASSERT_TRUE(server.Serves()) << server.log();
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

}  // namespace
}  // namespace budget::testing
