#include "server/access/principal_cache.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace budget {
namespace {

using ::testing::Optional;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

PrincipalCache::Entry Valid(const std::string& principal) {
  return {principal, kNow + absl::Minutes(1)};
}

TEST(PrincipalCacheTest, KnowsWhatWasPutUntilItExpires) {
  PrincipalCache cache(10);
  cache.Put(HashOf("a"), Valid("alice"));
  EXPECT_THAT(cache.Find(HashOf("a"), kNow), Optional(std::string("alice")));
  EXPECT_EQ(cache.Find(HashOf("b"), kNow), std::nullopt);
  EXPECT_EQ(cache.Find(HashOf("a"), kNow + absl::Minutes(1)), std::nullopt);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(PrincipalCacheTest, WhatWasUsedLongestAgoMakesRoom) {
  PrincipalCache cache(2);
  cache.Put(HashOf("a"), Valid("alice"));
  cache.Put(HashOf("b"), Valid("bob"));
  cache.Find(HashOf("a"), kNow);
  cache.Put(HashOf("c"), Valid("carol"));
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.Find(HashOf("b"), kNow), std::nullopt);
  EXPECT_THAT(cache.Find(HashOf("a"), kNow), Optional(std::string("alice")));
  EXPECT_THAT(cache.Find(HashOf("c"), kNow), Optional(std::string("carol")));
}

TEST(PrincipalCacheTest, APutThatComesTwiceCountsOnce) {
  PrincipalCache cache(2);
  cache.Put(HashOf("a"), Valid("alice"));
  cache.Put(HashOf("a"), Valid("alice"));
  EXPECT_EQ(cache.size(), 1u);
}

TEST(PrincipalCacheTest, NoRoomIsNoCache) {
  PrincipalCache cache(0);
  cache.Put(HashOf("a"), Valid("alice"));
  EXPECT_EQ(cache.Find(HashOf("a"), kNow), std::nullopt);
}

}  // namespace
}  // namespace budget
