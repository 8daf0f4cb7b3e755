#include "server/metrics/http_server.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/metrics/scrape.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    auto server = HttpServer::Start(
        "127.0.0.1:0",
        {{"/healthz", [] { return HttpPage{.body = "alive\n"}; }},
         {"/readyz",
          [] {
            return HttpPage{.status = 503, .body = "not ready: asleep\n"};
          }},
         {"/metrics", [] {
            return HttpPage{.content_type = "text/plain; version=0.0.4",
                            .body = std::string(300'000, 'x')};
          }}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  int port() const { return server_->port(); }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersItsPages) {
  const HttpAnswer alive = Get(port(), "/healthz");
  EXPECT_EQ(alive.status, 200);
  EXPECT_EQ(alive.body, "alive\n");
  const HttpAnswer ready = Get(port(), "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, "not ready: asleep\n");
  EXPECT_THAT(ready.head, HasSubstr("503 Service Unavailable"));
  const HttpAnswer metrics = Get(port(), "/metrics");
  EXPECT_EQ(metrics.body.size(), 300'000u);
  EXPECT_THAT(metrics.head, HasSubstr("text/plain; version=0.0.4"));
}

TEST_F(HttpServerTest, TakesParametersAndLeavesThemAlone) {
  EXPECT_EQ(Get(port(), "/healthz?verbose=1").status, 200);
}

TEST_F(HttpServerTest, HasNoOtherPagesAndNoFiles) {
  for (const char* path :
       {"/", "/metric", "/metrics/x", "/etc/passwd", "/../../../etc/passwd",
        "//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/proc/self/environ"}) {
    const HttpAnswer answer = Get(port(), path);
    EXPECT_THAT(answer.status, ::testing::AnyOf(400, 404)) << path;
    EXPECT_EQ(answer.body.find("root:"), std::string::npos) << path;
  }
  EXPECT_EQ(Get(port(), "/nothing").body,
            "there are only these pages:\n/healthz\n/metrics\n/readyz\n");
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  const HttpAnswer head =
      SendHttp(port(), "HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
}

TEST_F(HttpServerTest, TakesNothingThatWouldChangeAnything) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    const HttpAnswer answer = SendHttp(
        port(), absl::StrCat(method,
                             " /healthz HTTP/1.1\r\nHost: x\r\n"
                             "Content-Length: 0\r\n\r\n"));
    EXPECT_EQ(answer.status, 405) << method;
  }
}

TEST_F(HttpServerTest, RefusesWhatIsNoRequest) {
  EXPECT_NE(SendHttp(port(), "nonsense\r\n\r\n").status, 200);
  const std::string long_header(100'000, 'a');
  EXPECT_NE(SendHttp(port(), absl::StrCat("GET /healthz HTTP/1.1\r\nX: ",
                                          long_header, "\r\n\r\n"))
                .status,
            200);
  EXPECT_EQ(Get(port(), "/healthz").status, 200);
}

// Each of them occupies a thread until its time is over, and then it is closed.
TEST_F(HttpServerTest, ClosesClientsThatSayNothing) {
  std::vector<std::thread> silent;
  for (int i = 0; i < 8; ++i) {
    silent.emplace_back([this] {
      EXPECT_NE(SendHttp(port(), "GET /healthz HT").status, 200);
    });
  }
  EXPECT_EQ(Get(port(), "/healthz").status, 200);
  for (std::thread& client : silent) client.join();
}

TEST(HttpServerStartTest, SaysWhatToChangeWhenThePortIsInUse) {
  const auto first = HttpServer::Start("127.0.0.1:0", {});
  ASSERT_TRUE(first.ok());
  const std::string taken = absl::StrCat("127.0.0.1:", (*first)->port());
  const auto second = HttpServer::Start(taken, {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.status().message(), HasSubstr(taken));
  EXPECT_THAT(second.status().message(), HasSubstr("--metrics-listen"));
}

}  // namespace
}  // namespace budget::testing
