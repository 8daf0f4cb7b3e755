#include "server/app/embedded_postgres.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/postgres_install.h"
#include "server/store/postgres/migrate.h"
#include "server/store/postgres/postgres_store.h"
#include "tests/support/scratch_dir.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;

class EmbeddedPostgresTest : public ::testing::Test {
 protected:
  std::unique_ptr<EmbeddedPostgres> Start(const std::string& data_dir) {
    auto started = EmbeddedPostgres::Start({.data_dir = data_dir});
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? *std::move(started) : nullptr;
  }
  std::string WhyNot(const std::string& data_dir) {
    const auto started = EmbeddedPostgres::Start({.data_dir = data_dir});
    EXPECT_FALSE(started.ok());
    return std::string(started.status().message());
  }
  static bool Answers(const EmbeddedPostgres& embedded) {
    PostgresOptions options;
    options.uri = embedded.Uri();
    options.log = [](absl::string_view) {};
    const auto store = OpenPostgresStore(options);
    return store.ok() && (*store)->Ping().ok();
  }
  static std::string Shown(const EmbeddedPostgres& embedded,
                           const std::string& setting) {
    EXPECT_TRUE(Migrate(embedded.Uri(), nullptr).ok());  // it is up
    pqxx::connection connection(embedded.Uri());
    return pqxx::nontransaction(connection)
        .exec("SHOW " + setting)[0][0]
        .as<std::string>();
  }
  // The programs of the PostgreSQL at hand, as if built without lz4.
  std::string BindirWithoutLz4() {
    const std::string real = FindPostgres("", 0).value().bindir;
    const std::string bindir = scratch_ / "bin";
    std::filesystem::create_directory(bindir);
    std::filesystem::create_symlink(real + "/initdb", bindir + "/initdb");
    std::ofstream(bindir + "/postgres")
        << "#!/bin/sh\ncase \"$*\" in *lz4*) exit 1 ;; esac\nexec " << real
        << "/postgres \"$@\"\n";
    std::filesystem::permissions(bindir + "/postgres",
                                 std::filesystem::perms(0755));
    return bindir;
  }

  ScratchDir scratch_;
};

TEST_F(EmbeddedPostgresTest, StartsStopsAndKeepsItsData) {
  const std::string dir = scratch_ / "data";
  {
    const auto embedded = Start(dir);
    ASSERT_NE(embedded, nullptr);
    ASSERT_TRUE(Migrate(embedded->Uri(), nullptr).ok());
    EXPECT_TRUE(Answers(*embedded));
  }
  EXPECT_FALSE(std::filesystem::exists(dir + "/pg/postmaster.pid"));
  const auto again = Start(dir);
  ASSERT_NE(again, nullptr);
  // The schema is still there.
  EXPECT_TRUE(CheckSchema(again->Uri()).ok());
}

TEST_F(EmbeddedPostgresTest, CompressesTheLogWithWhatPostgresHas) {
  const auto embedded = Start(scratch_ / "data");
  ASSERT_NE(embedded, nullptr);
  EXPECT_EQ(Shown(*embedded, "wal_compression"), "lz4");
}

TEST_F(EmbeddedPostgresTest, StartsAPostgresThatWasBuiltWithoutLz4) {
  const auto embedded = EmbeddedPostgres::Start(
      {.data_dir = scratch_ / "data", .postgres_bindir = BindirWithoutLz4()});
  ASSERT_TRUE(embedded.ok()) << embedded.status();
  EXPECT_EQ(Shown(**embedded, "wal_compression"), "pglz");
}

TEST_F(EmbeddedPostgresTest, RestartsAServerThatWasKilled) {
  const auto embedded = Start(scratch_ / "data");
  ASSERT_NE(embedded, nullptr);
  ASSERT_TRUE(Migrate(embedded->Uri(), nullptr).ok());
  const pid_t first = embedded->OwnedProcess().value();
  kill(first, SIGKILL);
  EXPECT_TRUE(Eventually([&] {
    const std::optional<pid_t> now = embedded->OwnedProcess();
    return now && *now != first && Answers(*embedded);
  }));
}

TEST_F(EmbeddedPostgresTest, OneOwnsAndAnotherTakesOver) {
  const std::string dir = scratch_ / "data";
  auto owner = Start(dir);
  const auto other = Start(dir);
  ASSERT_NE(owner, nullptr);
  ASSERT_NE(other, nullptr);
  ASSERT_TRUE(Migrate(owner->Uri(), nullptr).ok());
  EXPECT_EQ(owner->Uri(), other->Uri());
  EXPECT_TRUE(owner->OwnedProcess().has_value());
  EXPECT_FALSE(other->OwnedProcess().has_value());
  owner.reset();
  EXPECT_TRUE(Eventually(
      [&] { return other->OwnedProcess().has_value() && Answers(*other); }));
}

TEST_F(EmbeddedPostgresTest, AHalfMadeClusterIsMadeAnew) {
  const std::string dir = scratch_ / "data";
  std::filesystem::create_directories(dir + "/pg.new/base");
  std::ofstream(dir + "/budgetd") << "mark\n";
  std::ofstream(dir + "/pg.new/PG_VERSION") << "15\n";
  const auto embedded = Start(dir);
  ASSERT_NE(embedded, nullptr);
  EXPECT_TRUE(Migrate(embedded->Uri(), nullptr).ok());
}

TEST_F(EmbeddedPostgresTest, ALongPathGetsAShortSocket) {
  const std::string dir = scratch_ / std::string(120, 'x');
  std::string socket_dir;
  {
    const auto embedded = Start(dir);
    ASSERT_NE(embedded, nullptr);
    EXPECT_TRUE(Migrate(embedded->Uri(), nullptr).ok());
    std::ifstream record(dir + "/socket_dir");
    ASSERT_TRUE(std::getline(record, socket_dir));
  }
  EXPECT_LT(socket_dir.size(), 90u);
  struct stat info = {};
  ASSERT_EQ(stat(socket_dir.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  std::filesystem::remove_all(socket_dir);
}

TEST_F(EmbeddedPostgresTest, RefusesADirectoryWithOtherThings) {
  const std::string dir = scratch_ / "home";
  std::filesystem::create_directory(dir);
  std::ofstream(dir + "/letter") << "dear\n";
  EXPECT_THAT(WhyNot(dir), HasSubstr("not empty"));
  EXPECT_THAT(WhyNot(dir), HasSubstr("--data-dir"));
  EXPECT_THAT(WhyNot(dir + "/letter"), HasSubstr("no directory"));
}

TEST_F(EmbeddedPostgresTest, RefusesADirectoryOfSomeoneElse) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  const std::string dir = scratch_ / "foreign";
  std::filesystem::create_directory(dir);
  ASSERT_EQ(chown(dir.c_str(), 54321, 54321), 0);
  EXPECT_THAT(WhyNot(dir), HasSubstr("belongs to uid 54321"));
}

TEST_F(EmbeddedPostgresTest, RefusesADirectoryThatItsUserCannotReach) {
  if (geteuid() != 0) GTEST_SKIP() << "PostgreSQL runs as another for root";
  const std::string closed = scratch_ / "closed";
  std::filesystem::create_directory(closed);
  chmod(closed.c_str(), 0700);
  EXPECT_THAT(WhyNot(closed + "/data"), HasSubstr(closed));
}

TEST_F(EmbeddedPostgresTest, SaysWhatToInstallWhenThereIsNoPostgres) {
  const auto started = EmbeddedPostgres::Start(
      {.data_dir = scratch_ / "data", .postgres_bindir = scratch_.path()});
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(std::string(started.status().message()),
              HasSubstr("--postgres-bindir"));
}

}  // namespace
}  // namespace budget::testing
