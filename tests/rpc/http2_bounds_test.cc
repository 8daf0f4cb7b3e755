// What a connection may do before it is refused or ended: pings, and metadata.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "server/lane/dispatcher.h"
#include "server/rpc/server.h"
#include "server/store/memory/memory_store.h"
#include "tests/rpc/http2_client.h"
#include "tests/support/virtual_clock.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;
using Kind = Http2Client::Kind;

// More than the two too early ones that gRPC forgives.
constexpr int kPings = 8;

class Http2BoundsTest : public ::testing::Test {
 protected:
  Http2Client Connect(const RpcOptions& options = {}) {
    auto server = RpcServer::Start(store_, dispatcher_, clock_, options);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->SetServing(true);
    return Http2Client(server_->port());
  }

  static bool IsAnswered(Http2Client& client, uint32_t stream,
                         const Http2Client::Fields& more = {}) {
    client.BeginHealthCheck(stream, more);
    client.Finish(stream);
    while (true) {
      const Http2Client::Frame frame = client.Next();
      if (frame.kind == Kind::kClosed || frame.kind == Kind::kGoAway) {
        return false;
      }
      if (frame.stream != stream) continue;
      if (frame.kind == Kind::kData) return true;
      if (frame.kind == Kind::kResetStream || frame.EndsStream()) return false;
    }
  }

  VirtualClock clock_;
  MemoryStore store_{{.clock = [this] { return clock_.Now(); }}};
  Dispatcher dispatcher_{store_, clock_, nullptr, {}};
  std::unique_ptr<RpcServer> server_;
};

class PingTest : public Http2BoundsTest {
 protected:
  static constexpr absl::Duration kInterval = absl::Milliseconds(20);

  // Pings as often as permitted, and a little less; whether the connection
  // outlives it.
  static bool OutlivesPermittedPings(Http2Client& client) {
    for (int i = 0; i < kPings; ++i) {
      client.Ping();
      if (client.NextOf({Kind::kPing, Kind::kGoAway}).kind != Kind::kPing) {
        return false;
      }
      // Counted from when the last one came, which was before its answer.
      absl::SleepFor(2 * kInterval);
    }
    return true;
  }
};

TEST_F(PingTest, APermittedOneIsAnsweredAlsoWithoutCalls) {
  Http2Client client = Connect({.client_ping_interval_min = kInterval});
  EXPECT_TRUE(OutlivesPermittedPings(client));
  EXPECT_TRUE(IsAnswered(client, 1));
}

TEST_F(PingTest, APermittedOneIsAnsweredWhileACallGoesOn) {
  Http2Client client = Connect({.client_ping_interval_min = kInterval});
  client.BeginHealthCheck(1);
  EXPECT_TRUE(OutlivesPermittedPings(client));
  EXPECT_TRUE(IsAnswered(client, 3));
}

TEST_F(PingTest, WhoPingsMuchFasterIsSentAway) {
  Http2Client client = Connect({.client_ping_interval_min = absl::Hours(1)});
  for (int i = 0; i < kPings; ++i) client.Ping();
  EXPECT_THAT(client.NextOf({Kind::kGoAway}).payload,
              HasSubstr("too_many_pings"));
}

TEST_F(PingTest, AConnectionWithoutALifeSignIsPinged) {
  Http2Client client = Connect({.keepalive_time = absl::Milliseconds(50)});
  EXPECT_EQ(client.NextOf({Kind::kPing}).kind, Kind::kPing);
}

// As where a gateway has lost power: nobody answers.
TEST_F(PingTest, AConnectionThatDoesNotAnswerAPingIsEnded) {
  Http2Client client =
      Connect({.keepalive_time = absl::Milliseconds(50),
               .keepalive_timeout = absl::Milliseconds(50)});
  client.BeginHealthCheck(1);
  while (client.Next().kind != Kind::kClosed) {
  }
}

TEST_F(Http2BoundsTest, MetadataOf8KbIsTakenAndMoreIsNot) {
  constexpr size_t kMetadataBytesMax = 8 << 10;
  Http2Client client = Connect();
  const std::string fits(
      kMetadataBytesMax - Http2Client::MetadataBytes({{"x-more", ""}}), 'x');
  ASSERT_EQ(Http2Client::MetadataBytes({{"x-more", fits}}), kMetadataBytesMax);
  EXPECT_TRUE(IsAnswered(client, 1, {{"x-more", fits}}));
  EXPECT_FALSE(IsAnswered(client, 3, {{"x-more", fits + "x"}}));
}

}  // namespace
}  // namespace budget::testing
