#include "tests/drill/backups.h"

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "deploy/replay/text_file.h"

namespace budget::drill {
namespace {

constexpr absl::Duration kArchivePatience = absl::Minutes(1);

}  // namespace

Backups::Backups(testing::PostgresPlace place, std::string directory)
    : place_(std::move(place)), directory_(std::move(directory)) {}

absl::Status Backups::WriteConfiguration(
    const testing::PostgresServer& database) const {
  for (const char* name : {"repository", "pgbackrest"}) {
    const std::string path = absl::StrCat(directory_, "/", name);
    std::error_code error;
    std::filesystem::create_directory(path, error);
    if (error || (place_.user && chown(path.c_str(), place_.user->uid,
                                       place_.user->gid) != 0)) {
      return absl::InternalError("cannot make " + path);
    }
  }
  const std::string own = directory_ + "/pgbackrest";
  return replay::WriteTextFile(
      configuration(),
      absl::StrCat("[global]\nrepo1-path=", directory_, "/repository\n",
                   "repo1-retention-full=2\nstart-fast=y\nlog-path=", own,
                   "\nlock-path=", own, "\nspool-path=", own,
                   "\nlog-level-console=warn\nlog-level-file=off\n",
                   "compress-type=zst\n[budget]\npg1-path=", database.data(),
                   "\npg1-socket-path=", database.host(),
                   "\npg1-user=budget\n"));
}

absl::Status Backups::Serve(testing::PostgresServer& database) {
  absl::Status status = WriteConfiguration(database);
  if (status.ok()) status = database.Set("archive_mode", "on");
  if (status.ok()) {
    status = database.Set(
        "archive_command",
        absl::StrCat("pgbackrest --config=", configuration(),
                     " --stanza=budget archive-push %p"));
  }
  if (!status.ok()) return status;
  database.Stop();
  return database.Start();
}

absl::Status Backups::Run(std::vector<std::string> command) const {
  command[0] = absl::StrCat(directory_, "/", command[0]);
  command.insert(command.end(), {"--config", configuration()});
  return RunToEnd({.argv = std::move(command),
                   .user = place_.user,
                   .output_file = directory_ + "/backups.log"});
}

absl::Status Backups::Backup() const { return Run({"backup"}); }

absl::Status Backups::Flush(const testing::PostgresServer& database) const {
  const auto segment =
      database.Run("SELECT pg_walfile_name(pg_switch_wal())");
  if (!segment.ok()) return segment.status();
  const bool archived = testing::Within(kArchivePatience, [&] {
    const auto last = database.Run(
        "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver");
    return last.ok() && *last >= *segment;
  });
  if (archived) return absl::OkStatus();
  return absl::DeadlineExceededError("write-ahead log is not archived");
}

absl::Status Backups::Restore(const std::string& moment,
                              const testing::PostgresServer& successor) const {
  return Run({"restore", "--time", moment, "--to", successor.data(), "--user",
              "budget", "--bin", directory_, "--freeze", "restore drill"});
}

}  // namespace budget::drill
