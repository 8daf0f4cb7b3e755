// `budget-bench load` against a server that asks who calls, over TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/app/budgetd_process.h"
#include "tests/bench/flags.h"
#include "tests/bench/load_command.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"

namespace budget::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Its files are there before the server is.
class SecuredServer {
 public:
  SecuredServer() : server_(scratch_, "server", Flags()) {
    const std::string command = absl::StrCat(
        BUDGETD_PATH,
        " token create --principal load --role admin --subtree '*'"
        " --database-url='",
        uri_, "' >", scratch_ / "token", " 2>/dev/null");
    EXPECT_TRUE(server_.Serves()) << server_.log();
    EXPECT_EQ(std::system(command.c_str()), 0);
  }

  // A load of a moment with `flags`, besides those that say who calls.
  absl::StatusOr<std::string> Load(std::vector<std::string> flags) {
    const std::vector<std::string> own = {
        "budget-bench", "load", "--target",
        absl::StrCat("localhost:", server_.port()), "--tls-ca",
        scratch_ / "ca", "--duration", "300ms"};
    flags.insert(flags.begin(), own.begin(), own.end());
    std::vector<const char*> words;
    for (const std::string& flag : flags) words.push_back(flag.c_str());
    const Invocation invocation =
        ParseInvocation(static_cast<int>(words.size()), words.data());
    EXPECT_EQ(invocation.exit_code, -1) << invocation.text;
    return RunLoad(invocation.load, stop_);
  }
  absl::StatusOr<std::string> LoadWithToken(std::vector<std::string> flags) {
    flags.insert(flags.end(), {"--token-file", scratch_ / "token", "--json"});
    // The server looks for new tokens once a second.
    absl::StatusOr<std::string> result;
    testing::Eventually([&] { return (result = Load(flags)).ok(); });
    return result;
  }

 private:
  std::vector<std::string> Flags() {
    const testing::TestCa ca("authority");
    const testing::PemPair pair = ca.IssueServer();
    testing::ReplaceFile(scratch_ / "ca", ca.certificate());
    testing::ReplaceFile(scratch_ / "crt", pair.certificate);
    testing::ReplaceFile(scratch_ / "key", pair.key);
    return {"--auth=required", "--tls-cert=" + scratch_ / "crt",
            "--tls-key=" + scratch_ / "key", "--database-url=" + uri_};
  }

  const testing::ScratchDir scratch_;
  const std::string uri_ = testing::FreshDatabase();
  testing::Budgetd server_;
  std::atomic<bool> stop_{false};
};

int64_t OkOf(const absl::StatusOr<std::string>& result) {
  if (!result.ok()) return -1;
  const auto json = nlohmann::json::parse(*result);
  EXPECT_TRUE(json["errors"].empty()) << *result;
  return json["ok"];
}

TEST(LoadTest, IsLetInByTlsAndAToken) {
  SecuredServer server;
  for (const std::vector<std::string>& load :
       {std::vector<std::string>{"--callers", "4"},
        {"--callers", "2", "--batch", "16"},
        {"--rate", "100", "--allocations", "5"}}) {
    const auto result = server.LoadWithToken(load);
    EXPECT_GT(OkOf(result), 0) << result.status();
  }
}

TEST(LoadTest, SaysWhoIsNotLetIn) {
  SecuredServer server;
  EXPECT_THAT(std::string(server.Load({}).status().message()),
              AllOf(HasSubstr("does not say who it is"),
                    HasSubstr("--token-file")));
}

}  // namespace
}  // namespace budget::bench
