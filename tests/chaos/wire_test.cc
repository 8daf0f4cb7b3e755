#include "tests/chaos/wire.h"

#include <gtest/gtest.h>

#include <string>

namespace budget::chaos {
namespace {

std::string Message(char type, const std::string& body) {
  const auto length = static_cast<uint32_t>(body.size() + 4);
  std::string message(1, type);
  for (int shift = 24; shift >= 0; shift -= 8) {
    message += static_cast<char>(length >> shift);
  }
  return message + body;
}

std::string Bind(const std::string& portal, const std::string& statement) {
  return Message('B', portal + '\0' + statement + '\0' + "rest");
}

TEST(WireTest, TakesOneMessageOfSeveral) {
  const std::string first = Message('P', "SELECT 1");
  EXPECT_EQ(FirstMessage(first + Message('S', ""), Framing::kTyped), first);
}

TEST(WireTest, WaitsForTheRestOfAMessage) {
  const std::string whole = Message('P', "SELECT 1");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(FirstMessage(whole.substr(0, size), Framing::kTyped), "") << size;
  }
}

TEST(WireTest, TheFirstMessageHasNoType) {
  const std::string startup = Message('x', "user").substr(1);
  EXPECT_EQ(FirstMessage(startup + "more", Framing::kStartup), startup);
}

TEST(WireTest, ALengthThatCannotBeDoesNotStopTheProxy) {
  const std::string bad("Q\0\0\0\1", 5);
  EXPECT_EQ(FirstMessage(bad, Framing::kTyped), bad);
}

TEST(WireTest, KnowsTheStatementThatIsBound) {
  EXPECT_TRUE(BindsStatement(Bind("", "commit"), "commit"));
  EXPECT_TRUE(BindsStatement(Bind("portal", "commit"), "commit"));
  EXPECT_FALSE(BindsStatement(Bind("commit", "begin"), "commit"));
  EXPECT_FALSE(BindsStatement(Bind("", "commit_all"), "commit"));
  EXPECT_FALSE(
      BindsStatement(Message('P', std::string("commit\0", 7)), "commit"));
  EXPECT_FALSE(BindsStatement(Message('B', ""), "commit"));
}

TEST(WireTest, KnowsThatACommitWasDone) {
  EXPECT_TRUE(SaysCommitted(Message('C', std::string("COMMIT\0", 7))));
  EXPECT_FALSE(SaysCommitted(Message('C', std::string("ROLLBACK\0", 9))));
  EXPECT_FALSE(SaysCommitted(Message('T', std::string("COMMIT\0", 7))));
}

TEST(WireTest, KnowsTheEndOfAFlight) {
  EXPECT_TRUE(IsSync(Message('S', "")));
  EXPECT_FALSE(IsSync(Message('H', "")));
}

}  // namespace
}  // namespace budget::chaos
