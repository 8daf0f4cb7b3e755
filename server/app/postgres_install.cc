#include "server/app/postgres_install.h"

#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace budget {
namespace {

// The first line that a command prints; empty if it prints none.
std::string FirstLineOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  char line[512] = "";
  if (fgets(line, sizeof(line), pipe) == nullptr) line[0] = '\0';
  pclose(pipe);
  return std::string(absl::StripAsciiWhitespace(line));
}

bool IsExecutable(const std::string& path) {
  return access(path.c_str(), X_OK) == 0;
}

std::vector<std::string> Glob(const char* pattern) {
  std::vector<std::string> paths;
  glob_t found = {};
  if (glob(pattern, 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return paths;
}

std::string ShellQuoted(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

// 15 of "postgres (PostgreSQL) 15.8 (Debian 15.8-0)"; 0 if it is none.
int VersionOf(const std::string& bindir) {
  const std::string postgres = bindir + "/postgres";
  if (!IsExecutable(postgres) || !IsExecutable(bindir + "/initdb")) return 0;
  const std::string line =
      FirstLineOf(ShellQuoted(postgres) + " --version 2>/dev/null");
  for (absl::string_view word : absl::StrSplit(line, ' ')) {
    int version = 0;
    const absl::string_view major = word.substr(0, word.find('.'));
    if (absl::SimpleAtoi(major, &version)) return version;
  }
  return 0;
}

std::vector<std::string> Candidates() {
  std::vector<std::string> bindirs = Glob("/usr/lib/postgresql/*/bin");
  for (const char* pattern : {"/usr/pgsql-*/bin", "/usr/local/pgsql/bin"}) {
    for (std::string& path : Glob(pattern)) bindirs.push_back(std::move(path));
  }
  const std::string configured = FirstLineOf("pg_config --bindir 2>/dev/null");
  if (!configured.empty()) bindirs.push_back(configured);
  const char* path = getenv("PATH");
  for (absl::string_view entry : absl::StrSplit(path ? path : "", ':')) {
    if (!entry.empty()) bindirs.push_back(std::string(entry));
  }
  return bindirs;
}

}  // namespace

absl::StatusOr<PostgresInstall> FindPostgres(const std::string& bindir,
                                             int version) {
  PostgresInstall best;
  const std::vector<std::string> bindirs =
      bindir.empty() ? Candidates() : std::vector<std::string>{bindir};
  for (const std::string& candidate : bindirs) {
    const int found = VersionOf(candidate);
    const bool better = version == 0 ? found > best.version
                                     : found == version && best.version == 0;
    if (better) best = {.bindir = candidate, .version = found};
  }
  if (best.version != 0) return best;
  return absl::NotFoundError(absl::StrCat(
      "no PostgreSQL server", version == 0 ? "" : absl::StrCat(" ", version),
      " found", bindir.empty() ? "" : absl::StrCat(" in ", bindir),
      "; install the package postgresql", version == 0 ? "" : "-",
      version == 0 ? "" : absl::StrCat(version),
      ", name its programs with --postgres-bindir, or give --database-url"));
}

absl::StatusOr<std::optional<SystemUser>> PostgresUser(
    const std::string& name) {
  if (geteuid() != 0) return std::optional<SystemUser>();
  const std::vector<std::string> names =
      name.empty() ? std::vector<std::string>{"postgres", "nobody"}
                   : std::vector<std::string>{name};
  for (const std::string& candidate : names) {
    const passwd* entry = getpwnam(candidate.c_str());
    if (entry == nullptr || entry->pw_uid == 0) continue;
    return std::optional<SystemUser>(SystemUser{
        .name = candidate, .uid = entry->pw_uid, .gid = entry->pw_gid});
  }
  return absl::NotFoundError(
      absl::StrCat("PostgreSQL does not run as root, and there is no user ",
                   absl::StrCat(name.empty() ? "postgres" : name),
                   " to run it as; name one with --postgres-user"));
}

}  // namespace budget
