#include "tests/support/postgres_fixture.h"

#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/migrate.h"

namespace budget::testing {
namespace {

// The keeper lives until its standard input closes, which the kernel does when
// the test ends, and then leaves nothing behind.
constexpr char kKeeper[] = R"sh(
bin=$1; dir=$2
trap '' INT TERM HUP
finish() {
  "$bin/pg_ctl" stop -m immediate -w -D "$dir/data" >/dev/null 2>&1
  rm -rf "$dir"
}
"$bin/initdb" -D "$dir/data" -U budget --auth=trust -E UTF8 --locale=C \
  --no-sync >"$dir/log" 2>&1 &&
"$bin/pg_ctl" start -w -t 60 -D "$dir/data" -l "$dir/log" -o "-F -k $dir \
  -c listen_addresses= -c max_connections=200 -c shared_buffers=32MB \
  -c autovacuum_naptime=10s" >/dev/null 2>&1 ||
  { cat "$dir/log" >&2; echo failed; finish; exit 1; }
echo ready
cat >/dev/null
finish
)sh";

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "postgres fixture: %s\n", why.c_str());
  std::abort();
}

std::string FindBin() {
  glob_t found;
  std::string bin;
  if (glob("/usr/lib/postgresql/*/bin/initdb", 0, nullptr, &found) == 0 &&
      found.gl_pathc > 0) {
    bin = found.gl_pathv[found.gl_pathc - 1];
  }
  globfree(&found);
  if (!bin.empty()) return bin.substr(0, bin.rfind('/'));
  if (FILE* pipe = popen("pg_config --bindir", "r")) {
    char line[1024] = "";
    if (std::fgets(line, sizeof(line), pipe) != nullptr) bin = line;
    pclose(pipe);
  }
  while (!bin.empty() && bin.back() == '\n') bin.pop_back();
  if (bin.empty()) Die("no PostgreSQL server is installed");
  return bin;
}

// PostgreSQL refuses to run as root.
const passwd* ServerUser() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) Die("running as root and there is no user postgres");
  return user;
}

class Cluster {
 public:
  static Cluster& Get() {
    static Cluster cluster;
    return cluster;
  }

  std::string Create(const std::string& options) {
    const std::string name = absl::StrCat("t", ++databases_);
    RunSql(Uri("postgres"), absl::StrCat("CREATE DATABASE ", name, options));
    return Uri(name);
  }
  const std::string& bin() const { return bin_; }

 private:
  Cluster() : bin_(FindBin()) {
    char name[] = "/tmp/budget-test-XXXXXX";
    if (mkdtemp(name) == nullptr) Die("no temporary directory");
    dir_ = name;
    const passwd* user = ServerUser();
    if (user != nullptr && chown(name, user->pw_uid, user->pw_gid) != 0) {
      Die("cannot hand over the directory");
    }
    Start(user);
    RunSql(Uri("postgres"), "CREATE DATABASE head");
    const absl::Status status = Migrate(Uri("head"), nullptr);
    if (!status.ok()) Die(std::string(status.message()));
  }

  ~Cluster() {
    close(leash_);
    waitpid(keeper_, nullptr, 0);
  }

  void Start(const passwd* user) {
    int leash[2];
    int news[2];
    if (pipe2(leash, O_CLOEXEC) != 0 || pipe2(news, O_CLOEXEC) != 0) {
      Die("no pipe");
    }
    keeper_ = fork();
    if (keeper_ == 0) {
      setsid();
      dup2(leash[0], STDIN_FILENO);
      dup2(news[1], STDOUT_FILENO);
      if (user != nullptr &&
          (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 ||
           setuid(user->pw_uid) != 0 || chdir("/") != 0)) {
        _exit(1);
      }
      execl("/bin/sh", "sh", "-c", kKeeper, "keeper", bin_.c_str(),
            dir_.c_str(), nullptr);
      _exit(1);
    }
    close(leash[0]);
    close(news[1]);
    leash_ = leash[1];
    char first = 0;
    if (read(news[0], &first, 1) != 1 || first != 'r') Die("did not start");
    close(news[0]);
  }

  std::string Uri(const std::string& database) const {
    return absl::StrCat("postgresql:///", database, "?host=", dir_,
                        "&user=budget");
  }

  const std::string bin_;
  std::string dir_;
  pid_t keeper_ = -1;
  int leash_ = -1;
  std::atomic<int> databases_{0};
};

}  // namespace

std::string FreshDatabase() {
  return Cluster::Get().Create(" TEMPLATE head");
}

std::string EmptyDatabase() { return Cluster::Get().Create(""); }

std::string FreshDatabaseWithRoles() {
  static const std::string& model = *new std::string([] {
    const std::string uri = FreshDatabase();
    MakeRoles(uri);
    return uri;
  }());
  const std::string rest = model.substr(model.find(":///") + 4);
  return Cluster::Get().Create(" TEMPLATE " + rest.substr(0, rest.find('?')));
}

void MakeRoles(const std::string& uri) {
  RunTool("psql", absl::StrCat("-q -v ON_ERROR_STOP=1 -f ", BUDGET_ROLES_SQL,
                               " '", uri, "'"));
  for (const char* role : {"budget_owner", "budget_service", "budget_reader"}) {
    RunSql(uri, absl::StrCat("DO $$ BEGIN IF to_regrole('", role,
                             "_member') IS NULL THEN CREATE ROLE ", role,
                             "_member LOGIN IN ROLE ", role,
                             "; END IF; END $$"));
  }
}

std::string AsMemberOf(const std::string& role, std::string uri) {
  constexpr absl::string_view kSuperuser = "user=budget";
  return uri.replace(uri.find(kSuperuser.data()), kSuperuser.size(),
                     absl::StrCat("user=", role, "_member"));
}

std::string ErrorOfSql(const std::string& uri, const std::string& sql) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
      PQconnectdb(uri.c_str()), &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    Die(PQerrorMessage(connection.get()));
  }
  // libpqxx 6 does not tell every state.
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQexec(connection.get(), sql.c_str()), &PQclear);
  const char* const state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

std::string RunSql(const std::string& uri, const std::string& sql) {
  try {
    pqxx::connection connection(uri);
    pqxx::nontransaction transaction(connection);
    const pqxx::result rows = transaction.exec(sql);
    if (rows.empty() || rows.columns() == 0) return "";
    const auto row = rows[rows.size() - 1];
    return row[0].is_null() ? "" : row[0].c_str();
  } catch (const std::exception& e) {
    Die(e.what());
  }
}

std::shared_ptr<void> KeepOpen(const std::string& uri, const std::string& sql) {
  struct Open {
    explicit Open(const std::string& uri)
        : connection(uri), transaction(connection) {}
    pqxx::connection connection;
    pqxx::work transaction;
  };
  try {
    auto open = std::make_shared<Open>(uri);
    open->transaction.exec(sql);
    return open;
  } catch (const std::exception& e) {
    Die(e.what());
  }
}

void KillConnections(const std::string& uri) {
  RunSql(uri,
         "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
         "WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

std::string RunTool(const std::string& tool, const std::string& arguments) {
  const std::string command =
      absl::StrCat(Cluster::Get().bin(), "/", tool, " ", arguments);
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) Die("cannot run " + tool);
  std::string output;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    output.append(buffer, n);
  }
  if (pclose(pipe) != 0) Die(tool + " failed");
  return output;
}

}  // namespace budget::testing
