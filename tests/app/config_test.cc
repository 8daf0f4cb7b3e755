#include "server/app/config.h"

#include <stdlib.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/exposure.h"
#include "server/app/mask_secrets.h"

namespace budget {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Invocation Parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "budgetd");
  return ParseInvocation(static_cast<int>(flags.size()), flags.data());
}

// A variable of the environment for the time of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    setenv(name, value, 1);
  }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST(ConfigTest, ServesOnLoopbackWithAnEmbeddedDatabaseByDefault) {
  const Invocation invocation = Parse({});
  EXPECT_EQ(invocation.exit_code, -1) << invocation.text;
  EXPECT_EQ(invocation.command, Command::kServe);
  EXPECT_EQ(invocation.config.listen, "127.0.0.1:7443");
  EXPECT_TRUE(invocation.config.embedded());
  EXPECT_NE(invocation.config.data_dir, "");
}

TEST(ConfigTest, FlagsWinOverTheEnvironment) {
  const Variable workers("BUDGETD_WORKERS", "7");
  const Variable queue("BUDGETD_QUEUE_MAX", "70");
  const Invocation invocation = Parse({"--workers", "9"});
  EXPECT_EQ(invocation.config.workers, 9);
  EXPECT_EQ(invocation.config.queue_max, 70);
}

TEST(ConfigTest, SwitchesComeFromFlagAndEnvironment) {
  EXPECT_TRUE(Parse({"--insecure-listen-any"}).config.insecure_listen_any);
  const Variable any("BUDGETD_INSECURE_LISTEN_ANY", "true");
  EXPECT_TRUE(Parse({}).config.insecure_listen_any);
}

TEST(ConfigTest, CommandsMayStandBeforeOrAfterFlags) {
  EXPECT_EQ(Parse({"migrate", "--workers", "2"}).command, Command::kMigrate);
  EXPECT_EQ(Parse({"migrate", "--check"}).command, Command::kCheckSchema);
  const Invocation after = Parse({"--workers", "2", "config"});
  EXPECT_EQ(after.command, Command::kConfig);
  EXPECT_EQ(after.config.workers, 2);
  EXPECT_EQ(Parse({"version"}).command, Command::kVersion);
  EXPECT_EQ(Parse({"serve"}).command, Command::kServe);
}

TEST(ConfigTest, HelpExitsWithZeroAndNamesEveryVariable) {
  const Invocation help = Parse({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* text : {"--listen", "BUDGETD_LISTEN", "BUDGETD_DATABASE_URL",
                           "BUDGETD_DRAIN_TIMEOUT", "migrate"}) {
    EXPECT_THAT(help.text, HasSubstr(text));
  }
}

struct WrongValue {
  std::vector<const char*> flags;
  const char* named;   // what the message names
  const char* remedy;  // and part of what it says to do
};

class WrongValueTest : public ::testing::TestWithParam<WrongValue> {};

TEST_P(WrongValueTest, IsRefusedWithFlagAndRemedy) {
  const Invocation invocation = Parse(GetParam().flags);
  EXPECT_EQ(invocation.exit_code, 2);
  EXPECT_THAT(invocation.text, HasSubstr(GetParam().named));
  EXPECT_THAT(invocation.text, HasSubstr(GetParam().remedy));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongValueTest,
    ::testing::Values(
        WrongValue{{"--workers", "0"}, "--workers", "1 to 64"},
        WrongValue{{"--workers", "many"}, "BUDGETD_WORKERS", "1 to 64"},
        WrongValue{{"--batch-max", "-1"}, "--batch-max", "1 to 10000"},
        WrongValue{{"--queue-wait-max", "2m"}, "--queue-wait-max", "1m"},
        WrongValue{{"--inside-max", "0"}, "--inside-max", "1 to 10000000"},
        WrongValue{{"--inside-mb-max", "200"}, "--memory-mb-max",
                   "496 is needed with --inside-mb-max of 200"},
        WrongValue{{"--queue-max", "1.5"}, "--queue-max", "whole number"},
        WrongValue{{"--sweep-interval", "5"}, "--sweep-interval", "duration"},
        WrongValue{{"--retention", "1h"}, "--retention", "24h"},
        WrongValue{{"--drain-timeout", "1d"}, "--drain-timeout", "10s"},
        WrongValue{{"--default-deadline", "2m"}, "--default-deadline", "1m"},
        WrongValue{{"--log-level", "loud"}, "--log-level", "warning"},
        WrongValue{{"--auth", "maybe"}, "--auth", "required"},
        WrongValue{{"--listen", "0.0.0.0:7443", "--tls-cert", "a", "--tls-key",
                    "b", "--auth", "off"},
                   "--auth",
                   "--insecure-listen-any"},
        WrongValue{{"token", "create", "--principal", "a:b", "--role", "admin",
                    "--subtree", "*"},
                   "--principal",
                   "plain one"},
        WrongValue{{"token", "create", "--principal", "a", "--role", "king",
                    "--subtree", "*"},
                   "--role",
                   "auditor"},
        WrongValue{{"token", "create", "--principal", "a", "--role", "admin",
                    "--subtree", "/"},
                   "--subtree",
                   "* for all"},
        WrongValue{{"token", "create", "--principal", "a", "--role", "admin",
                    "--subtree", "*", "--ttl", "soon"},
                   "--ttl",
                   "720h"},
        WrongValue{{"--listen", "7443"}, "--listen", "host:port"},
        WrongValue{{"--listen", "127.0.0.1:x"}, "--listen", "host:port"},
        WrongValue{{"--metrics-listen", "9464"}, "--metrics-listen", "none"},
        WrongValue{{"--metrics-listen", "0.0.0.0:9464"},
                   "--metrics-listen",
                   "--insecure-metrics-listen-any"},
        // A certificate is for the other port.
        WrongValue{{"--metrics-listen", "[::]:9464", "--tls-cert", "a",
                    "--tls-key", "b"},
                   "--metrics-listen",
                   "--insecure-metrics-listen-any"},
        WrongValue{{"--log-format", "xml"}, "--log-format", "json"},
        WrongValue{{"--listen", "127.0.0.1:65536"}, "--listen", "65535"},
        WrongValue{
            {"--listen", "0.0.0.0:7443"}, "--listen", "--insecure-listen-any"},
        // Whoever the proxy lets through is on loopback.
        WrongValue{{"--listen", "0.0.0.0:7443"}, "proxy", "--auth required"},
        WrongValue{
            {"--listen", "[::]:7443"}, "--listen", "--insecure-listen-any"},
        WrongValue{{"--listen", "127.evil.example:7443"},
                   "--listen",
                   "--insecure-listen-any"},
        WrongValue{{"--tls-cert", "a"}, "--tls-cert", "--tls-key"},
        WrongValue{{"--tls-key", "a"}, "--tls-key", "--tls-cert"},
        WrongValue{{"--tls-cert", "a", "--tls-key", "b", "--tls-client-auth",
                    "require"},
                   "--tls-client-auth",
                   "--tls-client-ca"},
        WrongValue{{"--tls-cert", "a", "--tls-key", "b", "--tls-client-ca",
                    "c"},
                   "--tls-client-ca",
                   "--tls-client-auth"},
        WrongValue{{"--tls-client-ca", "c", "--tls-client-auth", "request"},
                   "--tls-client-ca",
                   "--tls-cert"},
        WrongValue{{"--tls-client-auth", "maybe"},
                   "--tls-client-auth",
                   "none, request or require"},
        WrongValue{{"--spiffe-trust-domain", "prod"},
                   "--spiffe-trust-domain",
                   "--tls-client-auth"},
        WrongValue{{"--spiffe-trust-domain", "spiffe://prod"},
                   "--spiffe-trust-domain",
                   "trust domain such as"},
        WrongValue{{"--jwt-keys", "a", "--jwt-issuer", "b"},
                   "--jwt-keys",
                   "--jwt-audience"},
        WrongValue{{"--jwt-keys", "a", "--jwt-audience", "b"},
                   "--jwt-keys",
                   "--jwt-issuer"},
        WrongValue{{"--jwt-issuer", "b"}, "--jwt-issuer", "--jwt-keys"},
        WrongValue{{"--jwt-audience", "b"}, "--jwt-audience", "--jwt-keys"},
        WrongValue{{"--connection-age-max", "0"}, "--connection-age-max", "1s"},
        WrongValue{
            {"--database-url", "localhost"}, "--database-url", "postgresql://"},
        WrongValue{{"--database-url-file", "/nowhere/at/all"},
                   "--database-url-file",
                   "cannot be read"},
        WrongValue{{"--database-url", "host=a", "--database-url-file", "x"},
                   "--database-url-file",
                   "leave one"},
        WrongValue{{"--no-such-flag"}, "--no-such-flag", "--help"},
        WrongValue{{"dance"}, "dance", "--help"}));

TEST(ConfigTest, AnOpenAddressNeedsConsent) {
  const Invocation invocation =
      Parse({"--listen", "0.0.0.0:7443", "--insecure-listen-any"});
  EXPECT_EQ(invocation.exit_code, -1) << invocation.text;
}

TEST(ConfigTest, OpenMetricsNeedConsent) {
  for (const char* consent :
       {"--insecure-metrics-listen-any", "--insecure-listen-any"}) {
    const Invocation invocation =
        Parse({"--metrics-listen", "0.0.0.0:9464", consent});
    EXPECT_EQ(invocation.exit_code, -1) << invocation.text;
  }
  EXPECT_EQ(Parse({"--metrics-listen", "none"}).exit_code, -1);
  EXPECT_EQ(Parse({"--metrics-listen", "127.0.0.2:0"}).exit_code, -1);
  // Consent to the one is none to the other.
  EXPECT_EQ(Parse({"--listen", "0.0.0.0:7443", "--insecure-metrics-listen-any"})
                .exit_code,
            2);
}

// An image and its secrets give an address to all commands that run in it.
TEST(ConfigTest, WhatServesNothingNeedsNoConsent) {
  const Variable listen("BUDGETD_LISTEN", "0.0.0.0:7443");
  const Variable metrics("BUDGETD_METRICS_LISTEN", "0.0.0.0:9464");
  EXPECT_EQ(Parse({}).exit_code, 2);
  EXPECT_EQ(Parse({"config"}).exit_code, 2);
  for (const std::vector<const char*>& command :
       std::vector<std::vector<const char*>>{
           {"migrate"},
           {"version"},
           {"metrics"},
           {"token", "create", "--principal", "ops", "--role", "admin",
            "--subtree", "*"}}) {
    EXPECT_EQ(Parse(command).exit_code, -1) << command.front();
  }
}

TEST(ConfigTest, AnOpenAddressIsFineUnderTls) {
  const Invocation invocation = Parse(
      {"--listen", "0.0.0.0:7443", "--tls-cert", "a", "--tls-key", "b"});
  EXPECT_EQ(invocation.exit_code, -1) << invocation.text;
  EXPECT_TRUE(invocation.config.has_tls());
  EXPECT_FALSE(Parse({}).config.has_tls());
}

TEST(ConfigTest, CallersAreAskedUnlessTheyAreOnThisMachine) {
  const auto required = [](std::vector<const char*> flags) {
    const Invocation invocation = Parse(std::move(flags));
    EXPECT_EQ(invocation.exit_code, -1) << invocation.text;
    return AuthRequired(invocation.config);
  };
  EXPECT_FALSE(required({}));
  EXPECT_FALSE(required({"--listen", "unix:/run/budget"}));
  EXPECT_TRUE(required({"--auth", "required"}));
  EXPECT_TRUE(required({"--listen", "0.0.0.0:1", "--insecure-listen-any"}));
  EXPECT_FALSE(required({"--listen", "0.0.0.0:1", "--insecure-listen-any",
                         "--auth", "off"}));
  EXPECT_TRUE(required({"--tls-cert", "a", "--tls-key", "b"}));
  EXPECT_FALSE(
      required({"--tls-cert", "a", "--tls-key", "b", "--auth", "off"}));
  EXPECT_TRUE(required({"--jwt-keys", "a", "--jwt-issuer", "b",
                        "--jwt-audience", "c"}));
}

TEST(ConfigTest, ATokenIsMadeAsTheFlagsSay) {
  const Invocation made =
      Parse({"token", "create", "--principal", "ops", "--role", "admin",
             "--subtree", "*", "--ttl", "720h", "--workers", "2"});
  EXPECT_EQ(made.exit_code, -1) << made.text;
  EXPECT_EQ(made.command, Command::kCreateToken);
  EXPECT_EQ(made.token.principal, "ops");
  EXPECT_EQ(made.token.role, Role::kAdmin);
  EXPECT_EQ(made.token.subtree, "*");
  EXPECT_EQ(made.token.ttl, absl::Hours(720));
  EXPECT_EQ(made.config.workers, 2);
  EXPECT_EQ(Parse({"token", "create", "--principal", "ops"}).exit_code, 2);
  EXPECT_EQ(Parse({"token"}).exit_code, 2);
}

TEST(ConfigTest, ClientsAreAskedAsTheFlagSays) {
  const Invocation invocation =
      Parse({"--tls-cert", "a", "--tls-key", "b", "--tls-client-ca", "c",
             "--tls-client-auth", "require", "--spiffe-trust-domain", "prod"});
  EXPECT_EQ(invocation.exit_code, -1) << invocation.text;
  EXPECT_EQ(invocation.config.tls_client_auth, ClientAuth::kRequire);
  EXPECT_THAT(Describe(invocation.config),
              HasSubstr("tls-client-auth = require\n"));
}

TEST(ConfigTest, TheDatabaseUrlMayComeFromAFile) {
  const std::string path = ::testing::TempDir() + "/budgetd_config_test_url";
  std::ofstream(path) << "postgresql://budget:secret@db/budget\n";
  const Invocation invocation = Parse({"--database-url-file", path.c_str()});
  EXPECT_EQ(invocation.config.database_url,
            "postgresql://budget:secret@db/budget");
  EXPECT_THAT(Describe(invocation.config), Not(HasSubstr("secret")));
  unlink(path.c_str());
}

TEST(ConfigTest, DescribeHasALineForEachSetting) {
  const std::string text = Describe(Parse({"--workers", "3"}).config);
  EXPECT_THAT(text, HasSubstr("workers = 3\n"));
  EXPECT_THAT(text, HasSubstr("database-url = (embedded)\n"));
  EXPECT_THAT(text, HasSubstr("retention = 2160h\n"));
}

TEST(ConfigTest, SecretsAreMaskedInEveryForm) {
  EXPECT_EQ(MaskSecrets("postgresql://u:p%40ss@h:5432/d?sslmode=require"),
            "postgresql://u:***@h:5432/d?sslmode=require");
  EXPECT_EQ(MaskSecrets("postgresql://u:a@b@h/d"), "postgresql://u:***@h/d");
  EXPECT_EQ(MaskSecrets("postgresql://u@h/d?password=pw&user=x"),
            "postgresql://u@h/d?password=***&user=x");
  EXPECT_EQ(MaskSecrets("host=h password=pw dbname=d"),
            "host=h password=*** dbname=d");
  EXPECT_EQ(MaskSecrets("host=h password='p w' dbname=d"),
            "host=h password=*** dbname=d");
  EXPECT_EQ(MaskSecrets("postgresql:///d?host=%2Frun"),
            "postgresql:///d?host=%2Frun");
}

TEST(ConfigTest, SecretsAreMaskedHoweverTheyAreSpaced) {
  EXPECT_EQ(MaskSecrets("host=h password = pw dbname=d"),
            "host=h password = *** dbname=d");
  EXPECT_EQ(MaskSecrets("password\t=\n'p w'  host=h"),
            "password\t=\n***  host=h");
  EXPECT_EQ(MaskSecrets("host=h password=p\\ w dbname=d"),
            "host=h password=*** dbname=d");
  EXPECT_EQ(MaskSecrets("host=h password='p\\' w' dbname=d"),
            "host=h password=*** dbname=d");
  EXPECT_EQ(MaskSecrets("dbname='password=x' user=password"),
            "dbname='password=x' user=password");
  EXPECT_EQ(MaskSecrets("host=h password="), "host=h password=***");
  EXPECT_EQ(MaskSecrets("host=h password=a://b"), "host=h password=***");
}

TEST(ConfigTest, PasswordsThatShouldHaveBeenEncodedAreMasked) {
  EXPECT_EQ(MaskSecrets("postgresql://u:a/b@h/d"), "postgresql://u:***@h/d");
  EXPECT_EQ(MaskSecrets("postgresql://h:5432/d?user=a@b"),
            "postgresql://h:5432/d?user=a@b");
  EXPECT_EQ(MaskSecrets("postgresql://h/d?a=b&sslpassword=pw"),
            "postgresql://h/d?a=b&sslpassword=***");
  EXPECT_EQ(MaskSecrets("postgresql://u:a?b@h/d"), "postgresql://u:***@h/d");
  EXPECT_EQ(MaskSecrets("postgresql://u:a?b@h/d?user=x@y&password=pw"),
            "postgresql://u:***@h/d?user=x@y&password=***");
}

TEST(ConfigTest, SecretsAreMaskedWithSeveralHosts) {
  EXPECT_EQ(MaskSecrets("postgresql://u:pw@a:5432,b:5433/d"),
            "postgresql://u:***@a:5432,b:5433/d");
  EXPECT_EQ(MaskSecrets("postgresql://u:p,w@a,b/d?sslmode=require"),
            "postgresql://u:***@a,b/d?sslmode=require");
  EXPECT_EQ(MaskSecrets("postgresql://u@a:5432,b:5433/d?password=pw"),
            "postgresql://u@a:5432,b:5433/d?password=***");
  EXPECT_EQ(MaskSecrets("postgresql://a:5432,b:5432/d?user=u"),
            "postgresql://a:5432,b:5432/d?user=u");
  EXPECT_EQ(MaskSecrets("postgresql://[::1]:5432,[::2]:5433/d"),
            "postgresql://[::1]:5432,[::2]:5433/d");
  EXPECT_EQ(MaskSecrets("host=a,b port=5432,5433 password=pw user=u"),
            "host=a,b port=5432,5433 password=*** user=u");
  // Somebody may write the user with each host.
  EXPECT_EQ(MaskSecrets("postgresql://u:pw@a,u:pw@b/d"),
            "postgresql://u:***@b/d");
}

}  // namespace
}  // namespace budget
