#include "server/base/uuid.h"

#include <gtest/gtest.h>

namespace budget {
namespace {

TEST(UuidTest, ReadsAndWritesTheCanonicalForm) {
  const char* text = "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f";
  const auto id = Uuid::Parse(text);
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->ToString(), text);
  EXPECT_EQ(id->bytes[0], 0x01);
  EXPECT_EQ(id->bytes[15], 0x0f);
  EXPECT_EQ(Uuid::Parse("0192F0C1-7A2B-7C3D-8E4F-5A6B7C8D9E0F"), id);
}

TEST(UuidTest, RefusesEverythingElse) {
  for (const char* text :
       {"", "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0",
        "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f0",
        "0192f0c17a2b-7c3d-8e4f-5a6b7c8d9e0f0",
        "0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0g",
        "0192f0c1-7a2b-7c3d-8e4f5-a6b7c8d9e0f",
        "{192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0}",
        "0192f0c1 7a2b 7c3d 8e4f 5a6b7c8d9e0f"}) {
    EXPECT_FALSE(Uuid::Parse(text).has_value()) << text;
  }
}

TEST(UuidTest, Version7CarriesItsTimeAndOrdersByIt) {
  const absl::Time now = absl::FromUnixMillis(1'795'302'268'123);
  const Uuid id = Uuid::Version7(now, {~uint64_t{0}, ~uint64_t{0}});
  EXPECT_EQ(id.Version(), 7);
  EXPECT_EQ(id.bytes[8] >> 6, 2);  // the variant of RFC 9562
  EXPECT_EQ(id.Time(), now);
  const Uuid later = Uuid::Version7(now + absl::Milliseconds(1), {0, 0});
  EXPECT_LT(id, later);
  EXPECT_NE(Uuid::Version7(now, {0, 1}), Uuid::Version7(now, {0, 2}));
  EXPECT_NE(Uuid::Version7(now, {1, 0}), Uuid::Version7(now, {2, 0}));
}

TEST(UuidTest, OtherVersionsCarryNoTime) {
  const auto id = Uuid::Parse("9b2d9c0a-6f2e-4c35-9a53-0c1d2e3f4a5b");
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->Version(), 4);
  EXPECT_FALSE(id->Time().has_value());
}

}  // namespace
}  // namespace budget
