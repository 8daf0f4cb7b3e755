#include "server/domain/catalog.h"

#include <gtest/gtest.h>

namespace budget {
namespace {

TEST(CatalogTest, FindsWhatWasPut) {
  Catalog catalog;
  EXPECT_EQ(catalog.FindAllocation("acme"), nullptr);
  EXPECT_EQ(catalog.FindLimit(1), nullptr);
  const Allocation& acme = catalog.Put(Allocation{.id = 1, .path = "acme"});
  const Limit& limit =
      catalog.Put(Limit{.id = 7, .allocation = 1, .spec = {.name = "month"}});
  EXPECT_EQ(catalog.FindAllocation("acme"), &acme);
  EXPECT_EQ(catalog.FindAllocation(1), &acme);
  EXPECT_EQ(catalog.FindLimit(7), &limit);
  EXPECT_EQ(catalog.FindLimit(acme, "month"), &limit);
  EXPECT_EQ(catalog.FindLimit(acme, "day"), nullptr);
}

TEST(CatalogTest, PointersOutliveWhatIsAddedLater) {
  Catalog catalog;
  const Allocation* first = &catalog.Put(Allocation{.id = 1, .path = "acme"});
  const Limit* limit = &catalog.Put(Limit{.id = 1, .allocation = 1});
  for (int id = 2; id < 500; ++id) {
    catalog.Put(Allocation{.id = id, .path = "acme/" + std::to_string(id)});
    catalog.Put(Limit{.id = id, .allocation = id});
  }
  EXPECT_EQ(catalog.FindAllocation("acme"), first);
  EXPECT_EQ(catalog.FindLimit(1), limit);
}

TEST(CatalogTest, ListsLimitsInForceByName) {
  Catalog catalog;
  const Allocation& acme = catalog.Put(Allocation{.id = 1, .path = "acme"});
  catalog.Put(Limit{.id = 1, .allocation = 1, .spec = {.name = "month"}});
  catalog.Put(Limit{.id = 2, .allocation = 1, .spec = {.name = "day"}});
  catalog.Put(Limit{
      .id = 3, .allocation = 1, .spec = {.name = "hour"}, .removed = true});
  const std::vector<const Limit*> limits = catalog.LimitsOf(acme);
  ASSERT_EQ(limits.size(), 2u);
  EXPECT_EQ(limits[0]->spec.name, "day");
  EXPECT_EQ(limits[1]->spec.name, "month");
}

TEST(CatalogTest, ANameThatWasFreedIsTheNewLimits) {
  Catalog catalog;
  const Allocation& acme = catalog.Put(Allocation{.id = 1, .path = "acme"});
  catalog.Put(Limit{.id = 1, .allocation = 1, .spec = {.name = "month"}});
  catalog.Put(Limit{.id = 1,
                    .allocation = 1,
                    .spec = {.name = "month"},
                    .removed = true});
  EXPECT_EQ(catalog.FindLimit(acme, "month"), nullptr);
  catalog.Put(Limit{.id = 2, .allocation = 1, .spec = {.name = "month"}});
  EXPECT_EQ(catalog.FindLimit(acme, "month")->id, 2);
  EXPECT_TRUE(catalog.FindLimit(1)->removed);
}

TEST(CatalogTest, ReplacesWhatIsPutAgain) {
  Catalog catalog;
  catalog.Put(Allocation{.id = 1, .path = "acme", .version = 1});
  catalog.Put(Allocation{.id = 1, .path = "acme", .version = 2});
  EXPECT_EQ(catalog.FindAllocation("acme")->version, 2);
  EXPECT_EQ(catalog.allocations().size(), 1u);
}

}  // namespace
}  // namespace budget
