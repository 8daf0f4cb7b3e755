#include "server/app/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

namespace fs = std::filesystem;

constexpr char kMarker[] = "budgetd";
constexpr mode_t kPrivate = 0700;
// A socket's path has 107 bytes at most.
constexpr size_t kSocketDirBytesMax = 107 - sizeof("/.s.PGSQL.65535");

std::string NameOf(uid_t uid) {
  const passwd* entry = getpwuid(uid);
  return entry == nullptr ? absl::StrCat("uid ", uid) : entry->pw_name;
}

absl::Status Refuse(const std::string& path, absl::string_view problem) {
  return absl::FailedPreconditionError(
      absl::StrCat("--data-dir ", path, " ", problem));
}

absl::Status CheckOwner(const std::string& path,
                        const std::optional<SystemUser>& user) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) {
    return Refuse(path, absl::StrCat("cannot be read: ", strerror(errno)));
  }
  if (!S_ISDIR(info.st_mode)) {
    return Refuse(path, "is no directory; choose another");
  }
  if (info.st_uid == geteuid() || (user && info.st_uid == user->uid)) {
    return absl::OkStatus();
  }
  return Refuse(path,
                absl::StrCat("belongs to ", NameOf(info.st_uid), ", not to ",
                             NameOf(user ? user->uid : geteuid()),
                             "; choose another, run budgetd as its owner, or "
                             "change the owner"));
}

// Every directory above must let the user through.
absl::Status CheckReach(const std::string& path, const SystemUser& user) {
  for (fs::path dir = fs::path(path).parent_path();; dir = dir.parent_path()) {
    struct stat info = {};
    const bool reachable =
        stat(dir.c_str(), &info) == 0 &&
        ((info.st_mode & S_IXOTH) != 0 ||
         (info.st_uid == user.uid && (info.st_mode & S_IXUSR) != 0) ||
         (info.st_gid == user.gid && (info.st_mode & S_IXGRP) != 0));
    if (!reachable) {
      return Refuse(path,
                    absl::StrCat("cannot be reached by user ", user.name,
                                 ", as which PostgreSQL runs: ", dir.string(),
                                 " is closed to others; choose another"));
    }
    if (dir == dir.parent_path()) return absl::OkStatus();
  }
}

// Never takes over what is there for another purpose.
absl::Status CheckContent(const std::string& path) {
  std::error_code error;
  // In this order: another budgetd may be marking it at this moment.
  const bool empty = fs::is_empty(path, error);
  if (error) return Refuse(path, "cannot be read: " + error.message());
  if (empty || fs::exists(path + "/" + kMarker, error)) {
    return absl::OkStatus();
  }
  return Refuse(path,
                "is not empty and was not made by budgetd; choose another");
}

}  // namespace

absl::StatusOr<DataDir> DataDir::Open(const std::string& path,
                                      const std::optional<SystemUser>& user) {
  std::error_code error;
  const fs::path full = fs::absolute(path, error).lexically_normal();
  std::string text = full.string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  const DataDir dir(text, user);
  if (!fs::exists(text, error)) {
    fs::create_directories(fs::path(text).parent_path(), error);
    if (mkdir(text.c_str(), kPrivate) != 0 && errno != EEXIST) {
      return Refuse(text, absl::StrCat("cannot be made: ", strerror(errno)));
    }
  }
  absl::Status status = CheckOwner(text, user);
  if (status.ok()) status = CheckContent(text);
  if (status.ok() && user) status = CheckReach(text, *user);
  if (!status.ok()) return status;
  std::ofstream(text + "/" + kMarker) << "data of budgetd\n";
  if (!fs::exists(text + "/" + kMarker, error)) {
    return Refuse(text, "cannot be written to; choose another");
  }
  status = dir.GiveToUser(text);
  if (!status.ok()) return status;
  return dir;
}

absl::Status DataDir::GiveToUser(const std::string& path) const {
  if (!user_ || chown(path.c_str(), user_->uid, user_->gid) == 0) {
    return absl::OkStatus();
  }
  return Refuse(path_, absl::StrCat("cannot be given to user ", user_->name,
                                    ": ", strerror(errno)));
}

bool DataDir::IsPrivateDir(const std::string& path) const {
  struct stat info = {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
         info.st_uid == (user_ ? user_->uid : geteuid()) &&
         (info.st_mode & 077) == 0;
}

absl::Status DataDir::MakePrivateDir(const std::string& path) const {
  if (mkdir(path.c_str(), kPrivate) == 0) return GiveToUser(path);
  if (errno == EEXIST && IsPrivateDir(path)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot make the private directory ", path, ": ", strerror(errno)));
}

absl::StatusOr<std::string> DataDir::SocketDir() const {
  std::ifstream record(path_ + "/socket_dir");
  std::string path;
  if (!std::getline(record, path) || path.empty()) {
    return absl::NotFoundError("the socket has no place yet");
  }
  return path;
}

absl::StatusOr<std::string> DataDir::MakeSocketDir() const {
  const absl::StatusOr<std::string> recorded = SocketDir();
  if (recorded.ok() && MakePrivateDir(*recorded).ok()) return recorded;
  std::string path = path_ + "/run";
  if (path.size() <= kSocketDirBytesMax) {
    const absl::Status status = MakePrivateDir(path);
    if (!status.ok()) return status;
  } else {
    path = "/tmp/budgetd-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot make a directory in /tmp: ", strerror(errno)));
    }
    const absl::Status status = GiveToUser(path);
    if (!status.ok()) return status;
  }
  const std::string record = path_ + "/socket_dir";
  std::ofstream(record + ".new") << path << "\n";
  if (rename((record + ".new").c_str(), record.c_str()) != 0) {
    return Refuse(path_,
                  absl::StrCat("cannot be written to: ", strerror(errno)));
  }
  return path;
}

absl::StatusOr<std::optional<int>> DataDir::TryLock() const {
  const std::string path = path_ + "/owner.lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return Refuse(path_, absl::StrCat("cannot be locked: ", strerror(errno)));
  }
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return std::optional<int>(file);
  close(file);
  return std::optional<int>();
}

}  // namespace budget
