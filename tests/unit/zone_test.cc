#include "server/base/zone.h"

#include <gtest/gtest.h>

namespace budget {
namespace {

TEST(ZoneTest, FindsZonesByTheirIanaNames) {
  for (const char* name : {"UTC", "Europe/Berlin", "America/Argentina/Salta"}) {
    const auto zone = FindZone(name);
    ASSERT_TRUE(zone.has_value()) << name;
    EXPECT_EQ(zone->name(), name);
    EXPECT_EQ(FindZone(name), zone);
  }
}

TEST(ZoneTest, KnowsNothingElse) {
  for (const char* name : {"", "Berlin", "Europe/Atlantis", "../etc/passwd",
                           "/etc/localtime", "localtime", "Fixed/UTC+01:00:00",
                           "europe/berlin ", "Europe/Berlin\n", "posixrules",
                           "posix/Europe/Berlin"}) {
    EXPECT_FALSE(FindZone(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace budget
