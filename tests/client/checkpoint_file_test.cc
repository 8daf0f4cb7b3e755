#include "client/ctl/checkpoint_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/ctl/ledger_file.h"
#include "tests/support/scratch_dir.h"

namespace budget {
namespace {

using ::testing::HasSubstr;
using testing::ScratchDir;

// A new pair of keys, in files.
class KeyPair {
 public:
  explicit KeyPair(const std::string& path)
      : private_path(path + ".pem"), public_path(path + ".pub") {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    std::FILE* file = std::fopen(private_path.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    file = std::fopen(public_path.c_str(), "w");
    PEM_write_PUBKEY(file, key);
    std::fclose(file);
    EVP_PKEY_free(key);
  }

  SigningKey Private() const { return *SigningKey::Read(private_path); }
  VerifyingKey Public() const { return *VerifyingKey::Read(public_path); }

  const std::string private_path;
  const std::string public_path;
};

class CheckpointFileTest : public ::testing::Test {
 protected:
  CheckpointFileTest() {
    checkpoint_.set_root("acme");
    checkpoint_.set_sequence(120);
    checkpoint_.set_hash(std::string(32, '\x5a'));
    checkpoint_.mutable_read_time()->set_seconds(1'795'255'200);
  }

  std::string File(const std::string& name, const std::string& text) {
    std::ofstream(scratch_ / name) << text;
    return scratch_ / name;
  }
  ScratchDir scratch_;
  KeyPair ours_{scratch_ / "ours"};
  KeyPair theirs_{scratch_ / "theirs"};
  v1::LedgerCheckpoint checkpoint_;
};

TEST_F(CheckpointFileTest, ALineIsReadAsItWasWritten) {
  const std::string line = CheckpointLine(checkpoint_, std::nullopt);
  EXPECT_EQ(line,
            absl::StrCat(
                R"({"format":"budget.checkpoint.1","hash":")",
                absl::StrReplaceAll(std::string(32, 'x'), {{"x", "5a"}}),
                R"(","readTime":"2026-11-21T10:00:00Z","root":"acme",)",
                R"("sequence":120})"));
  const auto read = ParseCheckpointLine(line, std::nullopt);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), checkpoint_.SerializeAsString());
}

TEST_F(CheckpointFileTest, DamagedLinesAreRefused) {
  const std::string line = CheckpointLine(checkpoint_, std::nullopt);
  for (const auto& [from, to] :
       {std::pair("checkpoint.1", "checkpoint.9"), std::pair("120", "-1"),
        std::pair("120", "\"120\""), std::pair("5a5a", "5A5A"),
        std::pair("5a5a", "5a"), std::pair("Z\"", "\""),
        std::pair("\"acme\"", "\"\""), std::pair("{", "")}) {
    EXPECT_FALSE(ParseCheckpointLine(absl::StrReplaceAll(line, {{from, to}}),
                                     std::nullopt)
                     .ok())
        << from << " to " << to;
  }
}

TEST_F(CheckpointFileTest, ASignatureIsOfEveryValue) {
  const std::string line = CheckpointLine(checkpoint_, ours_.Private());
  EXPECT_TRUE(ParseCheckpointLine(line, std::nullopt).ok());
  EXPECT_TRUE(ParseCheckpointLine(line, ours_.Public()).ok());
  for (const auto& [from, to] :
       {std::pair("acme", "acne"), std::pair("120", "121"),
        std::pair("5a5a5a\"", "5a5a5b\""), std::pair("10:00", "11:00")}) {
    EXPECT_FALSE(ParseCheckpointLine(absl::StrReplaceAll(line, {{from, to}}),
                                     ours_.Public())
                     .ok())
        << from << " to " << to;
  }
}

TEST_F(CheckpointFileTest, WithAKeyALineMustBeSignedByItsOwner) {
  EXPECT_FALSE(ParseCheckpointLine(CheckpointLine(checkpoint_, std::nullopt),
                                   ours_.Public())
                   .ok());
  EXPECT_FALSE(ParseCheckpointLine(CheckpointLine(checkpoint_, ours_.Private()),
                                   theirs_.Public())
                   .ok());
}

TEST_F(CheckpointFileTest, WhatIsNoKeyIsRefusedWithoutQuotingIt) {
  const std::string secret = File("secret", "hunter2 is no key");
  for (const absl::Status& status :
       {SigningKey::Read(secret).status(), VerifyingKey::Read(secret).status(),
        SigningKey::Read(ours_.public_path).status(),
        VerifyingKey::Read(scratch_ / "absent").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("Ed25519"));
    EXPECT_THAT(std::string(status.message()),
                ::testing::Not(HasSubstr("hunter2")));
  }
}

TEST_F(CheckpointFileTest, AFileTakesItsPlaceOnlyWhenItIsWhole) {
  const std::string path = File("out", "before\n");
  {
    LineWriter abandoned(path);
    abandoned.Write("half");
  }
  std::string first;
  const auto keep_first = [&](const std::string& line) {
    if (first.empty()) first = line;
    return absl::OkStatus();
  };
  EXPECT_EQ(ForEachLine(path, keep_first), absl::OkStatus());
  EXPECT_EQ(first, "before");
  LineWriter whole(path);
  whole.Write("after");
  EXPECT_EQ(whole.Finish(), absl::OkStatus());
  first.clear();
  EXPECT_EQ(ForEachLine(path, keep_first), absl::OkStatus());
  EXPECT_EQ(first, "after");
}

TEST_F(CheckpointFileTest, FilesThatCannotBeUsedAreNamed) {
  LineWriter nowhere(scratch_ / "no/such/directory");
  nowhere.Write("x");
  EXPECT_THAT(std::string(nowhere.Finish().message()),
              HasSubstr("no/such/directory"));
  const auto refuse = [](const std::string&) {
    return absl::InvalidArgumentError("is no good");
  };
  EXPECT_THAT(std::string(ForEachLine(scratch_ / "absent", refuse).message()),
              HasSubstr("absent: cannot be read"));
  EXPECT_THAT(
      std::string(ForEachLine(File("bad", "\nx\n"), refuse).message()),
      HasSubstr("bad, line 2: is no good"));
}

TEST(LedgerFileTest, AnEntryIsReadAsItWasWritten) {
  v1::LedgerEntry entry;
  entry.set_root("acme");
  entry.set_sequence(INT64_MAX);
  entry.add_cap_changes()->set_limit_id(3);
  const auto read = ParseLedgerLine(LedgerLine(entry));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), entry.SerializeAsString());
  EXPECT_FALSE(ParseLedgerLine("{\"sequence\":\"x\"}").ok());
}

}  // namespace
}  // namespace budget
