#include "tests/chaos/log_tail.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/scratch_dir.h"

namespace budget::chaos {
namespace {

class LogTailTest : public ::testing::Test {
 protected:
  void Write(const std::string& line) {
    std::ofstream(path_, std::ios::app) << line << "\n";
  }

  testing::ScratchDir scratch_;
  const std::string path_ = scratch_ / "log";
};

TEST_F(LogTailTest, WhatWasThereBeforeIsNoEvidence) {
  Write("No space left on device");
  const LogTail tail(path_);
  EXPECT_FALSE(tail.Says("No space left"));
  Write("ERROR:  could not extend file: No space left on device");
  EXPECT_TRUE(tail.Says("No space left"));
}

TEST_F(LogTailTest, ALogThatBeginsLaterIsReadFromItsBegin) {
  const LogTail tail(path_);
  EXPECT_EQ(tail.Text(), "");
  Write("out of shared memory");
  EXPECT_TRUE(tail.Says("out of shared memory"));
}

TEST_F(LogTailTest, KnowsWhenTheFirstLineWasWritten) {
  const LogTail tail(path_);
  EXPECT_FALSE(tail.FirstTime());
  Write("from a library");
  Write(R"({"time":"2026-11-21T10:00:00.500Z","level":"info"})");
  Write(R"({"time":"2026-11-21T11:00:00.000Z","level":"info"})");
  EXPECT_EQ(tail.FirstTime(), absl::FromUnixMillis(1'795'255'200'500));
}

}  // namespace
}  // namespace budget::chaos
