// Who has made an administrative change, where the caller may say so itself.

#include <gmock/gmock.h>

#include <string>

#include "tests/rpc/http2_client.h"
#include "tests/rpc/rpc_fixture.h"

namespace budget::testing {
namespace {

using ::testing::MatchesRegex;

class ActorTest : public RpcTest {
 protected:
  // Creates "acme" as no library would: with any bytes as metadata.
  std::string ActorWhoSays(const std::string& claimed) {
    v1::CreateAllocationRequest request;
    request.mutable_allocation()->set_path("acme");
    request.set_request_id(NewId());
    Http2Client client(server_->port());
    client.Begin(1, "/budget.v1.BudgetAdmin/CreateAllocation",
                 {{"budget-actor", claimed}});
    client.Finish(1, request.SerializeAsString());
    while (true) {
      const Http2Client::Frame frame = client.Next();
      if (frame.kind == Http2Client::Kind::kClosed) return "nobody: closed";
      if (frame.stream == 1 && frame.EndsStream()) break;
    }
    v1::ListLedgerEntriesResponse ledger;
    EXPECT_TRUE(Call(*ledger_, &v1::LedgerService::Stub::ListLedgerEntries,
                     FromText<v1::ListLedgerEntriesRequest>("root: 'acme'"),
                     &ledger)
                    .ok());
    return ledger.entries_size() == 1 ? ledger.entries(0).actor()
                                      : "nobody: nothing was made";
  }
};

TEST_F(ActorTest, IsWhoTheCallerSays) {
  EXPECT_EQ(ActorWhoSays("alice@example.com"), "alice@example.com");
}

TEST_F(ActorTest, IsTheAddressOfWhoSaysNothing) {
  EXPECT_THAT(ActorWhoSays(""), MatchesRegex("ipv4:127.0.0.1:[0-9]+"));
}

// A column of text takes neither, and the ledger is asked for no less.
TEST_F(ActorTest, HasNoBytesThatMetadataMayNotHave) {
  EXPECT_EQ(ActorWhoSays("al\xff\xfe" "ice"), "al??ice");
}

TEST_F(ActorTest, IsCutToWhatTheLedgerKeeps) {
  EXPECT_EQ(ActorWhoSays(std::string(127, 'a') + "\xc3\xa9"),
            std::string(127, 'a') + "?");
}

}  // namespace
}  // namespace budget::testing
