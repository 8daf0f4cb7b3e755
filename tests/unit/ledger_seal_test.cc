#include "server/domain/ledger_seal.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"

namespace budget {
namespace {

LedgerEntry FullEntry() {
  LedgerEntry entry{
      .sequence = 7,
      .at = absl::FromUnixMicros(1'795'255'200'000'123),
      .kind = EntryKind::kSettle,
      .reservation = Uuid::Parse("0198c0de-0000-7000-8000-000000000001"),
      .allocations = {1, 5},
      .admitted_at = absl::FromUnixSeconds(1'795'251'600),
      .pins = {{.limit = 1, .window = 0}, {.limit = 2, .window = -3}},
      .unpriced = 4,
      .caps = {{.limit = 1, .cap = 100}, {.limit = 2, .cap = std::nullopt}},
      .actor = "ann",
      .detail = {{"final", "true"}, {"k", "ü"}}};
  for (Unit unit : kUnits) {
    const int n = static_cast<int>(unit) + 1;
    entry.spent[unit] = 10 + n;
    entry.reserved[unit] = -20 - n;
    entry.overage[unit] = 30 + n;
  }
  return entry;
}

std::string Hex(const Sha256Digest& digest) {
  return absl::BytesToHexString(BytesOf(digest));
}

TEST(Sha256Test, IsThatOfTheStandard) {
  EXPECT_EQ(
      Hex(Sha256("abc")),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      Hex(Sha256("")),
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// Computed by recompute_chain.py: this layout never changes.
TEST(LedgerSealTest, HashesWhatTheDocumentedLayoutSays) {
  const Sha256Digest digest = DigestOf("acme", FullEntry());
  EXPECT_EQ(CanonicalBytes("acme", FullEntry()).size(), 319u);
  EXPECT_EQ(
      Hex(digest),
      "88298e62e4d7610d1a3cd6514e4b4454bf234543de8b3d9d837aaf8c3f67a376");
  EXPECT_EQ(
      Hex(Extend(ChainHead(), digest).hash),
      "5e5440d41ecb5f4bfc6fd99a3fdfd6503b4a6db4fe9eee81dff06ea5674b0cba");
}

TEST(LedgerSealTest, TheDigestIsOfAllButTheNumber) {
  LedgerEntry renumbered = FullEntry();
  renumbered.sequence = 8;
  EXPECT_EQ(DigestOf("acme", renumbered), DigestOf("acme", FullEntry()));
  EXPECT_NE(DigestOf("acm", FullEntry()), DigestOf("acme", FullEntry()));
}

TEST(LedgerSealTest, WhereOneFieldEndsAndTheNextBeginsCounts) {
  LedgerEntry a = FullEntry();
  LedgerEntry b = FullEntry();
  a.detail = {{"ab", "c"}};
  b.detail = {{"a", "bc"}};
  EXPECT_NE(DigestOf("acme", a), DigestOf("acme", b));
}

TEST(LedgerSealTest, ChainsDoNotDependOnWhereSealsAreSet) {
  const auto entry = [](int64_t sequence) {
    LedgerEntry made = FullEntry();
    made.sequence = sequence;
    return made;
  };
  Sealing whole("acme", {});
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(whole.Add(entry(i)));
  Sealing first("acme", {});
  EXPECT_TRUE(first.Add(entry(1)));
  Sealing second("acme", {first.seal().last, first.seal().hash});
  EXPECT_TRUE(second.Add(entry(2)));
  EXPECT_TRUE(second.Add(entry(3)));
  EXPECT_EQ(second.seal().hash, whole.seal().hash);
  EXPECT_EQ(second.seal().first, 2);
  EXPECT_EQ(second.entries(), 2);
  EXPECT_EQ(first.seal().marks + second.seal().marks, whole.seal().marks);
}

TEST(LedgerSealTest, NothingIsSealedPastAHole) {
  Sealing sealing("acme", {});
  LedgerEntry entry = FullEntry();
  entry.sequence = 2;
  EXPECT_FALSE(sealing.Add(entry));
  EXPECT_TRUE(sealing.empty());
}

}  // namespace
}  // namespace budget
