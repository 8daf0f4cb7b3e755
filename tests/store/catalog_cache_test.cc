#include "server/store/postgres/catalog_cache.h"

#include <string>

#include <gtest/gtest.h>

namespace budget {
namespace {

constexpr size_t kPlenty = 1000;

// A root with one allocation, whose limit has the cap.
WorkingSet SetOf(const std::string& root, int64_t cap) {
  WorkingSet set;
  set.root.name = root;
  set.root.exists = true;
  set.catalog.Put(Allocation{.id = 1, .path = root});
  Limit limit{.id = 1, .allocation = 1};
  limit.spec.name = "total";
  limit.spec.cap = cap;
  set.catalog.Put(limit);
  return set;
}

LoadPlan PlanOf(const std::string& root) {
  LoadPlan plan;
  plan.root = root;
  plan.paths = {root};
  return plan;
}

// The cap that the cache knows at a sequence; nullopt: it knows none.
std::optional<int64_t> CapAt(int64_t sequence, const std::string& root,
                             CatalogCache& cache) {
  WorkingSet set;
  cache.Recall(PlanOf(root), cache.era(), sequence, set);
  const Limit* limit = set.catalog.FindLimit(1);
  if (limit == nullptr) return std::nullopt;
  return limit->spec.cap;
}

TEST(CatalogCacheTest, RecallsWhatItWasTold) {
  CatalogCache cache(kPlenty);
  cache.Remember(cache.era(), 5, SetOf("acme", 100));
  EXPECT_EQ(CapAt(5, "acme", cache), 100);
  EXPECT_EQ(CapAt(5, "other", cache), std::nullopt);
}

TEST(CatalogCacheTest, RecallsNothingOfAnotherSequence) {
  CatalogCache cache(kPlenty);
  cache.Remember(cache.era(), 5, SetOf("acme", 100));
  EXPECT_EQ(CapAt(6, "acme", cache), std::nullopt);
  EXPECT_EQ(CapAt(4, "acme", cache), std::nullopt);
}

TEST(CatalogCacheTest, ALaterCatalogTakesThePlaceOfAnEarlierOne) {
  CatalogCache cache(kPlenty);
  cache.Remember(cache.era(), 5, SetOf("acme", 100));
  cache.Remember(cache.era(), 6, SetOf("acme", 200));
  cache.Remember(cache.era(), 5, SetOf("acme", 100));
  EXPECT_EQ(CapAt(5, "acme", cache), std::nullopt);
  EXPECT_EQ(CapAt(6, "acme", cache), 200);
}

TEST(CatalogCacheTest, RecallsTheChainsAndLimitsOfReservations) {
  CatalogCache cache(kPlenty);
  WorkingSet told = SetOf("acme", 100);
  told.catalog.Put(Allocation{.id = 2, .path = "acme/search"});
  told.catalog.Put(Limit{.id = 2, .allocation = 2, .removed = true});
  cache.Remember(cache.era(), 5, told);
  LoadPlan plan;
  plan.root = "acme";
  WorkingSet set;
  Reservation reservation;
  reservation.terms.Edit().allocation_ids = {2};
  reservation.pins = {{.limit = 2}};
  set.reservations[Uuid()] = {.reservation = reservation};
  cache.Recall(plan, cache.era(), 5, set);
  EXPECT_NE(set.catalog.FindAllocation("acme"), nullptr);
  EXPECT_NE(set.catalog.FindAllocation("acme/search"), nullptr);
  EXPECT_NE(set.catalog.FindLimit(2), nullptr);
}

TEST(CatalogCacheTest, ForeseesLimitsOfPathsAndOfTheLastTransaction) {
  CatalogCache cache(kPlenty);
  WorkingSet told = SetOf("acme", 100);
  told.counters[{.limit = 7}] = {};
  cache.Remember(cache.era(), 5, told);
  EXPECT_EQ(cache.Foresee(PlanOf("acme")), (std::vector<LimitId>{1, 7}));
  EXPECT_TRUE(cache.Foresee(PlanOf("other")).empty());
}

TEST(CatalogCacheTest, ForgetsWhatWasNotUsedForLongest) {
  CatalogCache cache(20);
  cache.Remember(cache.era(), 1, SetOf("a", 1));
  cache.Remember(cache.era(), 1, SetOf("b", 2));
  cache.Remember(cache.era(), 1, SetOf("c", 3));
  EXPECT_EQ(CapAt(1, "a", cache), 1);
  cache.Remember(cache.era(), 1, SetOf("d", 4));
  EXPECT_EQ(CapAt(1, "b", cache), std::nullopt);
  EXPECT_EQ(CapAt(1, "a", cache), 1);
  EXPECT_EQ(CapAt(1, "d", cache), 4);
}

TEST(CatalogCacheTest, KeepsNoRootThatIsTooLarge) {
  CatalogCache cache(3);
  cache.Remember(cache.era(), 1, SetOf("a", 1));
  EXPECT_EQ(CapAt(1, "a", cache), std::nullopt);
}

TEST(CatalogCacheTest, ForgetsEverythingWhenTold) {
  CatalogCache cache(kPlenty);
  cache.Remember(cache.era(), 5, SetOf("acme", 100));
  cache.Clear();
  EXPECT_EQ(CapAt(5, "acme", cache), std::nullopt);
  cache.Remember(cache.era(), 2, SetOf("acme", 50));
  EXPECT_EQ(CapAt(2, "acme", cache), 50);
}

// It may have read from the server that was there before.
TEST(CatalogCacheTest, TakesAndGivesNothingWhereItForgotSinceTheBeginning) {
  CatalogCache cache(kPlenty);
  const CatalogCache::Era before = cache.era();
  cache.Clear();
  cache.Remember(before, 5, SetOf("acme", 100));
  EXPECT_EQ(CapAt(5, "acme", cache), std::nullopt);
  cache.Remember(cache.era(), 5, SetOf("acme", 200));
  WorkingSet set;
  cache.Recall(PlanOf("acme"), before, 5, set);
  EXPECT_EQ(set.catalog.FindLimit(1), nullptr);
}

}  // namespace
}  // namespace budget
