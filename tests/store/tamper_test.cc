#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/domain/decide.h"
#include "tests/store/hand_made.h"
#include "tests/store/store_kit.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/scratch_dir.h"

// Whatever a superuser changes in a ledger that is sealed is found and named.
namespace budget::testing {
namespace {

using Kind = DiscrepancyKind;

class TamperTest : public ::testing::Test {
 protected:
  TamperTest() : uri_(FreshDatabase()) {
    store_ = Open();
    MakeLedger();
    // A superuser can do this, too.
    Sql("ALTER TABLE budget.ledger DROP CONSTRAINT ledger_sequence_positive");
    Sql("ALTER TABLE budget.seals DROP CONSTRAINT seals_whole");
  }

  std::unique_ptr<Store> Open() { return OpenReplica(uri_); }

  // Entries of every shape, under three seals.
  void MakeLedger() {
    for (int round = 0; round < 3; ++round) {
      const LoadPlan plan = PlanForChain("acme");
      ASSERT_EQ(store_->Transact(
                    LaneOf("acme", kLanes), {&plan, 1},
                    [&](WorkingSets& sets, absl::Time now) {
                      WorkingSet& set = *sets.at(0);
                      if (round == 0) {
                        AddAllocation(set, "acme", now);
                        AddLimit(set, "acme", LifetimeUsd("cap", 1000), now);
                      }
                      for (int i = 1; i <= 4; ++i) {
                        AddHold(set, IdOf(10 * round + i), "acme", i, now);
                      }
                      LedgerEntry& entry = AddEntry(set, now);
                      entry.actor = "ann";
                      entry.request = IdOf(1000 + round);
                      entry.caps = {{1, 1000}, {2, std::nullopt}};
                      entry.detail = {{"a", "b"}, {"c", "d"}};
                    },
                    absl::Now() + absl::Seconds(60)),
                absl::OkStatus());
      ASSERT_EQ(store_->SealLedgers("")->entries, round == 0 ? 7 : 5);
    }
    // One that has seen no seal yet, and takes what is there for true.
    store_ = Open();
    ASSERT_EQ(Findings(), Expected());
  }

  std::string Sql(const std::string& sql) { return RunSql(uri_, sql); }

  // What the chain says, as "subject" to kind; the books find more.
  using Expected = std::map<std::string, Kind>;
  Expected Findings(std::vector<ChainHead> checkpoints = {}) {
    const absl::StatusOr<VerifyReport> report =
        store_->Verify("acme", {.checkpoints = std::move(checkpoints)});
    EXPECT_TRUE(report.ok()) << report.status();
    Expected found;
    if (!report.ok()) return found;
    for (const Discrepancy& each : report->discrepancies) {
      if (each.kind != Kind::kBooks) found[each.subject] = each.kind;
    }
    return found;
  }

  // The columns of a table with their types.
  std::map<std::string, std::string> ColumnsOf(const std::string& table) {
    std::map<std::string, std::string> columns;
    const std::string all = Sql(absl::StrCat(
        "SELECT string_agg(attname || ':' || format_type(atttypid, NULL), ',') "
        "FROM pg_attribute WHERE attrelid = 'budget.", table,
        "'::regclass AND attnum > 0 AND NOT attisdropped"));
    for (absl::string_view column : absl::StrSplit(all, ',')) {
      const std::pair<std::string, std::string> named =
          absl::StrSplit(column, ':');
      columns.insert(named);
    }
    return columns;
  }

  const std::string uri_;
  std::unique_ptr<Store> store_;
};

// Other values for a column of each type, of which a change must be found.
std::vector<std::string> Changes(const std::string& column,
                                 const std::string& type) {
  const auto with = [&](std::vector<std::string> changes) {
    for (std::string& change : changes) change = column + change;
    return changes;
  };
  if (type == "text") return with({" || 'x'"});
  if (type == "smallint") return with({" + 1"});
  if (type == "bigint") return with({" + 1", " - 1"});
  if (type == "timestamp with time zone") {
    return {absl::StrCat("coalesce(", column,
                         " + interval '1 microsecond', now())"),
            "'infinity'"};
  }
  if (type == "uuid") {
    return {"'0198c0de-0000-4000-8000-00000000abcd'",
            absl::StrCat("CASE WHEN ", column, " IS NULL THEN ",
                         "'00000000-0000-0000-0000-000000000000'::uuid END")};
  }
  if (type == "integer[]" || type == "bigint[]") {
    return {absl::StrCat(column, " || 1::",
                         type == "bigint[]" ? "bigint" : "integer"),
            absl::StrCat("ARRAY[7,8,9]::", type),
            // The same numbers, but not the same value.
            absl::StrCat("CASE WHEN ", column, " = '{}' THEN '{4}' ",
                         "ELSE ('[5:' || 4 + cardinality(", column, ") || ']=' || ", column,
                         "::text)::", type, " END")};
  }
  if (type == "jsonb") {
    return {column + " || '[[\"x\", \"y\"]]'", "'{\"x\": \"y\"}'", "'[1]'",
            "'[[\"a\", \"b\"], [\"c\", \"d\", \"e\"]]'", "'null'"};
  }
  if (type == "bytea") {
    return {absl::StrCat("set_byte(", column, ", 3, 1 + get_byte(", column,
                         ", 3) % 255)"),
            "''", column + " || '\\x00'"};
  }
  return {};
}

TEST_F(TamperTest, AChangeOfAnyColumnOfAnEntryIsFound) {
  const auto columns = ColumnsOf("ledger");
  ASSERT_EQ(columns.size(), 24u);
  // A hold, and an entry of an administrator.
  for (const char* victim : {"9", "12"}) {
    for (const auto& [column, type] : columns) {
      if (column == "sequence" || column == "root") continue;
      const std::vector<std::string> changes = Changes(column, type);
      ASSERT_FALSE(changes.empty()) << "no change is known for " << type;
      for (const std::string& change : changes) {
        Sql(absl::StrCat("CREATE TABLE budget.kept AS SELECT * FROM "
                         "budget.ledger WHERE sequence = ", victim));
        Sql(absl::StrCat("UPDATE budget.ledger SET ", column, " = ", change,
                         " WHERE sequence = ", victim));
        EXPECT_EQ(Findings(), (Expected{{absl::StrCat("entry ", victim),
                                         Kind::kRowChanged}}))
            << column << " = " << change;
        Sql(absl::StrCat("DELETE FROM budget.ledger WHERE sequence = ", victim,
                         "; INSERT INTO budget.ledger SELECT * FROM "
                         "budget.kept; DROP TABLE budget.kept"));
      }
    }
  }
  EXPECT_EQ(Findings(), Expected());
}

TEST_F(TamperTest, AnEntryOfAnotherRootIsMissed) {
  Sql("UPDATE budget.ledger SET root = 'other' WHERE sequence = 9");
  EXPECT_EQ(Findings(), (Expected{{"entry 9", Kind::kRowMissing}}));
}

TEST_F(TamperTest, AnEntryWithAnotherNumberIsMissed) {
  Sql("UPDATE budget.ledger SET sequence = 99 WHERE sequence = 9");
  EXPECT_EQ(Findings(), (Expected{{"entry 9", Kind::kRowMissing}}));
}

TEST_F(TamperTest, ADeletedEntryIsNamed) {
  Sql("DELETE FROM budget.ledger WHERE sequence = 9");
  EXPECT_EQ(Findings(), (Expected{{"entry 9", Kind::kRowMissing}}));
}

TEST_F(TamperTest, ADeletedBeginningIsNamed) {
  Sql("DELETE FROM budget.ledger WHERE sequence <= 2");
  EXPECT_EQ(Findings(), (Expected{{"entry 1", Kind::kRowMissing},
                                  {"entry 2", Kind::kRowMissing}}));
}

TEST_F(TamperTest, ADeletedEndIsNamed) {
  Sql("DELETE FROM budget.ledger WHERE sequence > 15");
  EXPECT_EQ(Findings(), (Expected{{"entry 16", Kind::kRowMissing},
                                  {"entry 17", Kind::kRowMissing}}));
}

TEST_F(TamperTest, AnEndThatWasDeletedWithItsSealIsFoundByACheckpoint) {
  const ChainHead checkpoint = store_->ReadSealed("acme")->head;
  Sql("DELETE FROM budget.ledger WHERE sequence > 12");
  Sql("DELETE FROM budget.seals WHERE first_sequence > 12");
  EXPECT_EQ(Findings(), Expected());
  EXPECT_EQ(Findings({checkpoint}),
            (Expected{{"checkpoint at entry 17", Kind::kCheckpoint}}));
}

TEST_F(TamperTest, EntriesInEachOthersPlaceAreNamed) {
  Sql("UPDATE budget.ledger SET sequence = -1 WHERE sequence = 9");
  Sql("UPDATE budget.ledger SET sequence = 9 WHERE sequence = 10");
  Sql("UPDATE budget.ledger SET sequence = 10 WHERE sequence = -1");
  EXPECT_EQ(Findings(), (Expected{{"entry 9", Kind::kRowMoved},
                                  {"entry 10", Kind::kRowMoved}}));
}

TEST_F(TamperTest, AnInsertedEntryIsNamedWithWhatItMoves) {
  Sql("UPDATE budget.ledger SET sequence = sequence + 1000 "
      "WHERE sequence >= 16");
  Sql("UPDATE budget.ledger SET sequence = sequence - 999 "
      "WHERE sequence >= 1000");
  Sql("CREATE TABLE budget.forged AS SELECT * FROM budget.ledger "
      "WHERE sequence = 14");
  Sql("UPDATE budget.forged SET sequence = 16, spent_usd_nanos = 5");
  Sql("INSERT INTO budget.ledger SELECT * FROM budget.forged");
  EXPECT_EQ(Findings(), (Expected{{"entry 16", Kind::kRowChanged},
                                  {"entry 17", Kind::kRowMoved}}));
}

TEST_F(TamperTest, EntriesOutsideTheNumbersBreakTheBooks) {
  Sql("CREATE TABLE budget.forged AS SELECT * FROM budget.ledger "
      "WHERE sequence = 14");
  for (const char* number : {"-3", "0", "18", "99"}) {
    Sql(absl::StrCat("UPDATE budget.forged SET sequence = ", number));
    Sql("INSERT INTO budget.ledger SELECT * FROM budget.forged");
    EXPECT_GT(store_->Verify("acme", {})->discrepancies_total, 0) << number;
    Sql(absl::StrCat("DELETE FROM budget.ledger WHERE sequence = ", number));
  }
  EXPECT_EQ(store_->Verify("acme", {})->discrepancies_total, 0);
}

TEST_F(TamperTest, AChangeOfAnyColumnOfASealIsFound) {
  const auto columns = ColumnsOf("seals");
  ASSERT_EQ(columns.size(), 5u);
  Sql("CREATE TABLE budget.kept AS SELECT * FROM budget.seals");
  for (const auto& [column, type] : columns) {
    const std::vector<std::string> changes = Changes(column, type);
    ASSERT_FALSE(changes.empty()) << "no change is known for " << type;
    for (const std::string& change : changes) {
      Sql(absl::StrCat("UPDATE budget.seals SET ", column, " = ", change,
                       " WHERE first_sequence = 8"));
      const Expected found = Findings();
      EXPECT_FALSE(found.empty()) << column << " = " << change;
      for (const auto& [subject, kind] : found) {
        EXPECT_TRUE(kind == Kind::kSealChanged || kind == Kind::kSealMissing)
            << column << " = " << change << ": " << subject;
      }
      Sql("DELETE FROM budget.seals");
      Sql("INSERT INTO budget.seals SELECT * FROM budget.kept");
    }
  }
  EXPECT_EQ(Findings(), Expected());
}

TEST_F(TamperTest, ASealOfNothingIsNamed) {
  Sql("ALTER TABLE budget.seals ALTER hash DROP NOT NULL, "
      "ALTER marks DROP NOT NULL");
  Sql("UPDATE budget.seals SET hash = NULL WHERE first_sequence = 8");
  EXPECT_EQ(Findings(),
            (Expected{{"seal of entries 8 to 12", Kind::kSealChanged}}));
  Sql("UPDATE budget.seals SET marks = NULL WHERE first_sequence = 8");
  EXPECT_FALSE(Findings().empty());
}

TEST_F(TamperTest, ADeletedSealIsNamed) {
  Sql("DELETE FROM budget.seals WHERE first_sequence = 8");
  EXPECT_EQ(Findings(),
            (Expected{{"seal of entries 8 to 12", Kind::kSealMissing}}));
}

TEST_F(TamperTest, NothingIsSealedPastAHole) {
  const LoadPlan plan = PlanForChain("acme");
  ASSERT_EQ(store_->Transact(
                LaneOf("acme", kLanes), {&plan, 1},
                [&](WorkingSets& sets, absl::Time now) {
                  for (int i = 0; i < 3; ++i) AddEntry(*sets.at(0), now);
                },
                absl::Now() + absl::Seconds(60)),
            absl::OkStatus());
  Sql("DELETE FROM budget.ledger WHERE sequence = 19");
  EXPECT_EQ(store_->SealLedgers("")->entries, 1);
  const SealProgress stuck = *store_->SealLedgers("");
  EXPECT_EQ(stuck.entries, 0);
  EXPECT_EQ(stuck.broken, std::vector<std::string>{"acme"});
}

TEST_F(TamperTest, RivalSealersMakeOneChain) {
  const LoadPlan plan = PlanForChain("acme");
  for (int round = 0; round < 5; ++round) {
    ASSERT_EQ(store_->Transact(
                  LaneOf("acme", kLanes), {&plan, 1},
                  [&](WorkingSets& sets, absl::Time now) {
                    for (int i = 0; i < 300; ++i) AddEntry(*sets.at(0), now);
                  },
                  absl::Now() + absl::Seconds(60)),
              absl::OkStatus());
    std::vector<std::thread> rivals;
    for (int i = 0; i < 4; ++i) {
      rivals.emplace_back([&] { EXPECT_TRUE(store_->SealLedgers("").ok()); });
    }
    for (std::thread& rival : rivals) rival.join();
  }
  EXPECT_EQ(store_->ReadSealed("acme")->head.sequence, 1517);
  EXPECT_EQ(Findings(), Expected());
}

// One of two that seal the same entries waits for the other, and gives way.
TEST_F(TamperTest, TheSecondOfTwoSealersGivesWay) {
  const LoadPlan plan = PlanForChain("acme");
  ASSERT_EQ(store_->Transact(
                LaneOf("acme", kLanes), {&plan, 1},
                [](WorkingSets& sets, absl::Time now) {
                  AddEntry(*sets.at(0), now);
                },
                absl::Now() + absl::Seconds(60)),
            absl::OkStatus());
  Sql("CREATE FUNCTION budget.rival() RETURNS trigger LANGUAGE plpgsql AS $$ "
      "BEGIN IF pg_trigger_depth() = 1 THEN INSERT INTO budget.seals "
      "VALUES (NEW.root, NEW.first_sequence, NEW.last_sequence, NEW.hash, "
      "NEW.marks); END IF; RETURN NEW; END $$");
  Sql("CREATE TRIGGER rival BEFORE INSERT ON budget.seals FOR EACH ROW "
      "EXECUTE FUNCTION budget.rival()");
  const absl::StatusOr<SealProgress> progress = store_->SealLedgers("");
  ASSERT_TRUE(progress.ok()) << progress.status();
  EXPECT_TRUE(progress->met_rival);
  EXPECT_EQ(progress->entries, 0);
  EXPECT_EQ(Findings(), Expected());
}

TEST_F(TamperTest, APriceThatWasChangedIsFound) {
  const std::vector<ModelPrice> prices = {{"large", {{"in", 5}, {"out", 7}}},
                                          {"small", {{"in", 1}}}};
  const LoadPlan plan = PlanForChain("acme");
  ASSERT_EQ(store_->Transact(
                LaneOf("acme", kLanes), {&plan, 1},
                [&](WorkingSets& sets, absl::Time now) {
                  WorkingSet& set = *sets.at(0);
                  set.root.price_version = 1;
                  set.new_prices[1] = prices;
                  AddEntry(set, now, EntryKind::kSetPrices).detail = {
                      {kPricesDigestDetail, DigestOfPrices(prices)}};
                },
                absl::Now() + absl::Seconds(60)),
            absl::OkStatus());
  const auto found = [&] {
    const auto report = store_->Verify("acme", {});
    return std::any_of(report->discrepancies.begin(),
                       report->discrepancies.end(), [](const Discrepancy& each) {
                         return each.subject == "prices of entry 18";
                       });
  };
  EXPECT_FALSE(found());
  Sql("UPDATE budget.prices SET meters = '{\"in\": 2}' WHERE model = 'small'");
  EXPECT_TRUE(found());
  Sql("UPDATE budget.prices SET meters = '{\"in\": 1}' WHERE model = 'small'");
  EXPECT_FALSE(found());
  Sql("DELETE FROM budget.prices WHERE model = 'small'");
  EXPECT_TRUE(found());
}

// The documented layout is all that another program needs.
TEST_F(TamperTest, AProgramOfItsOwnRecomputesTheChain) {
  if (std::system("python3 -c '' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3 is not installed";
  }
  const ScratchDir scratch;
  const auto dump = [&](const std::string& table, const std::string& order) {
    const std::string file = scratch / table;
    std::ofstream(file) << RunTool(
        "psql", absl::StrCat("-qAt -c 'SELECT row_to_json(x) FROM budget.",
                             table, " x ORDER BY root, ", order, "' '", uri_,
                             "'"));
    return file;
  };
  const auto recompute = [&] {
    const std::string command = absl::StrCat(
        "python3 -B ", BUDGET_RECOMPUTE_CHAIN, " ", dump("ledger", "sequence"),
        " ", dump("seals", "first_sequence"), " >", scratch / "out", " 2>&1");
    const int status = std::system(command.c_str());
    std::ifstream out(scratch / "out");
    std::string text;
    std::getline(out, text);
    return std::pair(status == 0, text);
  };
  const ChainHead head = store_->ReadSealed("acme")->head;
  EXPECT_EQ(recompute(),
            std::pair(true, absl::StrCat(
                                "acme ", head.sequence, " ",
                                absl::BytesToHexString(BytesOf(head.hash)))));
  Sql("UPDATE budget.ledger SET spent_tokens = 1 WHERE sequence = 9");
  EXPECT_FALSE(recompute().first);
}

}  // namespace
}  // namespace budget::testing
