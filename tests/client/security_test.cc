// What a connection sends along and to whom; TLS itself is tried in
// tests/app/tls_test.cc.

#include "budget/security.h"

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <string>

#include "budget/client.h"
#include "budget/health.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loopback.h"
#include "tests/client/fake_service.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"
#include "token_source.h"

namespace budget {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ReplaceFile;
using testing::ScratchDir;

std::string Error(const Security& security,
                  const std::string& endpoint = "127.0.0.1:1") {
  return std::string(
      MakeConnection({.endpoints = {endpoint}, .security = security})
          .status()
          .message());
}

void Reserve(Client& client) {
  v1::ReserveRequest request;
  request.add_allocations("acme/a");
  const auto answer = client.Reserve(request);
  EXPECT_TRUE(answer.ok()) << answer.status();
}

TEST(SecurityTest, ATokenIsSentWithEachCall) {
  FakeService service;
  Client client(*MakeConnection({.endpoints = {service.endpoint()},
                                 .security = {.token = "abc.def"}}));
  Reserve(client);
  Reserve(client);
  EXPECT_THAT(service.authorizations(),
              ElementsAre("Bearer abc.def", "Bearer abc.def"));
}

TEST(SecurityTest, ATokenIsSentWithStreamsToo) {
  FakeService service;
  Client client(*MakeConnection({.endpoints = {service.endpoint()},
                                 .security = {.token = "abc"}}));
  EXPECT_TRUE(client
                  .Watch({}, [](const v1::QueryRemainingResponse&) {
                    return false;
                  })
                  .ok());
  EXPECT_THAT(service.authorizations(), ElementsAre("Bearer abc"));
}

TEST(SecurityTest, WithoutATokenNothingIsSent) {
  FakeService service;
  Client client(*MakeConnection({.endpoints = {service.endpoint()}}));
  Reserve(client);
  EXPECT_THAT(service.authorizations(), ElementsAre(""));
}

TEST(SecurityTest, ATokenThatChangesInItsFileIsSentFromThenOn) {
  const ScratchDir scratch;
  const std::string file = scratch / "token";
  ReplaceFile(file, "first\n");
  FakeService service;
  Client client(*MakeConnection({.endpoints = {service.endpoint()},
                                 .security = {.token_file = file}}));
  Reserve(client);
  ReplaceFile(file, " second ");
  Reserve(client);
  // Whoever has a token keeps it while the file has none.
  ReplaceFile(file, "not a token");
  Reserve(client);
  std::filesystem::remove(file);
  Reserve(client);
  ReplaceFile(file, "third");
  Reserve(client);
  EXPECT_THAT(service.authorizations(),
              ElementsAre("Bearer first", "Bearer second", "Bearer second",
                          "Bearer second", "Bearer third"));
}

TEST(SecurityTest, ATokenIsNotSentInPlainTextToOthers) {
  for (const char* endpoint :
       {"10.0.0.1:7443", "budget.example:7443", "127.evil.example:1",
        "dns:///budget.example:7443", "localhost.evil.example:1", "[::2]:1",
        "ipv4:127.0.0.1:1,10.0.0.1:1"}) {
    EXPECT_THAT(Error({.token = "abc"}, endpoint), HasSubstr("use TLS"));
    EXPECT_EQ(Error({.tls = true, .token = "abc"}, endpoint), "");
    EXPECT_EQ(Error({}, endpoint), "");
    EXPECT_THAT(std::string(WaitUntilServing(endpoint, absl::Seconds(1),
                                             {.token = "abc"})
                                .message()),
                HasSubstr("use TLS"));
  }
}

TEST(SecurityTest, LoopbackIsWhatCannotLeadElsewhere) {
  for (const char* endpoint :
       {"127.0.0.1:1", "127.1.2.3:1", "localhost:1", "[::1]:1", "unix:/run/x",
        "unix:///run/x", "unix-abstract:x", "dns:///localhost:1",
        "ipv4:127.0.0.1:1", "ipv6:[::1]:1"}) {
    EXPECT_TRUE(IsLoopback(endpoint)) << endpoint;
  }
}

TEST(SecurityTest, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_THAT(Error({.roots_file = "a"}), HasSubstr("set tls"));
  EXPECT_THAT(Error({.server_name = "a"}), HasSubstr("set tls"));
  EXPECT_THAT(Error({.tls = true, .key_file = "a"}),
              HasSubstr("set both or neither"));
  EXPECT_THAT(Error({.tls = true, .certificate_file = "a"}),
              HasSubstr("set both or neither"));
  EXPECT_THAT(Error({.token = "a", .token_file = "b"}),
              HasSubstr("leave one out"));
  EXPECT_THAT(Error({.tls = true,
                     .credentials = grpc::InsecureChannelCredentials()}),
              HasSubstr("leave one out"));
}

TEST(SecurityTest, AFileThatIsMissingIsNamed) {
  EXPECT_THAT(Error({.tls = true, .roots_file = "/nowhere/at/all"}),
              HasSubstr("roots_file: \"/nowhere/at/all\""));
  EXPECT_THAT(Error({.tls = true,
                     .certificate_file = "/nowhere/crt",
                     .key_file = "/nowhere/key"}),
              HasSubstr("certificate_file: \"/nowhere/crt\""));
  EXPECT_THAT(Error({.token_file = "/nowhere/at/all"}),
              HasSubstr("token_file: \"/nowhere/at/all\""));
}

TEST(SecurityTest, WhatIsNoTokenIsRefused) {
  for (const std::string& wrong :
       {std::string("Bearer abc"), std::string("a\nb"),
        std::string("a\r\nb: c"), std::string("a\0b", 3),
        std::string(9000, 'a')}) {
    EXPECT_THAT(Error({.token = wrong}), HasSubstr("not a bearer token"));
  }
}

}  // namespace
}  // namespace budget
