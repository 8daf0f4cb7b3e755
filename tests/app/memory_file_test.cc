#include "server/app/memory_file.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace budget {
namespace {

std::string Read(const std::string& path) {
  std::stringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

int64_t ModifiedAt(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? info.st_mtime : -1;
}

TEST(MemoryFileTest, IsReadByAPathThatStays) {
  MemoryFile file;
  ASSERT_TRUE(file.Replace("first").ok());
  const std::string path = file.path();
  EXPECT_EQ(Read(path), "first");
  ASSERT_TRUE(file.Replace("the second, longer").ok());
  EXPECT_EQ(file.path(), path);
  EXPECT_EQ(Read(path), "the second, longer");
  ASSERT_TRUE(file.Replace("3").ok());
  EXPECT_EQ(Read(path), "3");
}

// Readers tell by it that they have read parts of two.
TEST(MemoryFileTest, EachContentHasATimeOfItsOwn) {
  MemoryFile file;
  int64_t last = 0;
  for (const char* content : {"a", "b", "b", "c"}) {
    ASSERT_TRUE(file.Replace(content).ok());
    EXPECT_GT(ModifiedAt(file.path()), last);
    last = ModifiedAt(file.path());
  }
}

TEST(MemoryFileTest, WhoHasOpenedItKeepsWhatItOpened) {
  MemoryFile file;
  ASSERT_TRUE(file.Replace("old").ok());
  std::ifstream open(file.path());
  ASSERT_TRUE(file.Replace("new").ok());
  std::string text;
  open >> text;
  EXPECT_EQ(text, "old");
}

}  // namespace
}  // namespace budget
