#include "tests/wire/messages.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/wire/made_message.h"

namespace budget::wire {
namespace {

std::string Bind(const std::string& portal, const std::string& statement) {
  return MadeMessage('B', portal + '\0' + statement + '\0' + "rest");
}

TEST(WireTest, TakesOneMessageOfSeveral) {
  const std::string first = MadeMessage('P', "SELECT 1");
  EXPECT_EQ(FirstMessage(first + MadeMessage('S', ""), Framing::kTyped), first);
}

TEST(WireTest, WaitsForTheRestOfAMessage) {
  const std::string whole = MadeMessage('P', "SELECT 1");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(FirstMessage(whole.substr(0, size), Framing::kTyped), "") << size;
  }
}

TEST(WireTest, TheFirstMessageHasNoType) {
  const std::string startup = MadeMessage('x', "user").substr(1);
  EXPECT_EQ(FirstMessage(startup + "more", Framing::kStartup), startup);
}

TEST(WireTest, ALengthThatCannotBeDoesNotStopTheProxy) {
  const std::string bad("Q\0\0\0\1", 5);
  EXPECT_EQ(FirstMessage(bad + "more", Framing::kTyped), bad);
}

TEST(WireTest, KnowsTheStatementThatIsBound) {
  EXPECT_TRUE(BindsStatement(Bind("", "commit"), "commit"));
  EXPECT_TRUE(BindsStatement(Bind("portal", "commit"), "commit"));
  EXPECT_FALSE(BindsStatement(Bind("commit", "begin"), "commit"));
  EXPECT_FALSE(BindsStatement(Bind("", "commit_all"), "commit"));
  EXPECT_FALSE(
      BindsStatement(MadeMessage('P', std::string("commit\0", 7)), "commit"));
  EXPECT_FALSE(BindsStatement(MadeMessage('B', ""), "commit"));
}

TEST(WireTest, KnowsThatACommitWasDone) {
  EXPECT_TRUE(SaysCommitted(MadeMessage('C', std::string("COMMIT\0", 7))));
  EXPECT_FALSE(SaysCommitted(MadeMessage('C', std::string("ROLLBACK\0", 9))));
  EXPECT_FALSE(SaysCommitted(MadeMessage('T', std::string("COMMIT\0", 7))));
}

TEST(WireTest, KnowsTheEndOfAFlight) {
  EXPECT_TRUE(IsSync(MadeMessage('S', "")));
  EXPECT_FALSE(IsSync(MadeMessage('H', "")));
}

}  // namespace
}  // namespace budget::wire
