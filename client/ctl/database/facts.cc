#include "client/ctl/database/facts.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/ctl/database/questions.h"

namespace budget {
namespace {

using ConnectionPtr = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using ResultPtr = std::unique_ptr<PGresult, decltype(&PQclear)>;

absl::Status CannotBeAsked(PGconn* connection) {
  return absl::UnavailableError(
      absl::StripAsciiWhitespace(PQerrorMessage(connection)));
}

// What the library says about a URL that it cannot read may quote a password.
absl::Status CheckUrl(const std::string& url) {
  PQconninfoOption* options = PQconninfoParse(url.c_str(), nullptr);
  if (options == nullptr) {
    return absl::InvalidArgumentError(
        "--database-url cannot be read; give postgresql://user@host/database, "
        "with special characters of a password percent-encoded");
  }
  PQconninfoFree(options);
  return absl::OkStatus();
}

absl::Status AddFacts(PGconn* connection, const char* questions,
                      DatabaseFacts& facts) {
  const ResultPtr result(PQexec(connection, questions), PQclear);
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
    return CannotBeAsked(connection);
  }
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    if (PQgetisnull(result.get(), row, 1)) continue;
    facts[PQgetvalue(result.get(), row, 0)] =
        PQgetvalue(result.get(), row, 1);
  }
  return absl::OkStatus();
}

absl::Status AddAllFacts(PGconn* connection, DatabaseFacts& facts) {
  absl::Status status = AddFacts(connection, kServerQuestions, facts);
  if (!status.ok() || facts["has_schema"] != "on") return status;
  status = AddFacts(connection, kBudgetQuestions, facts);
  int schema = 0;
  if (!status.ok() || !absl::SimpleAtoi(facts["schema_version"], &schema) ||
      schema < kLockdownSchemaMin) {
    return status;
  }
  status = AddFacts(connection, kLockdownQuestions, facts);
  if (!status.ok() || facts[kSeesTokens] != "on") return status;
  return AddFacts(connection, kTokenQuestions, facts);
}

// What stands before the URL holds where the URL says nothing of it, what
// stands behind it in any case.
ConnectionPtr Connect(const std::string& url, const char* session_attrs,
                      absl::Duration timeout) {
  const int64_t seconds = std::max<int64_t>(2, absl::ToInt64Seconds(timeout));
  const std::string wait = absl::StrCat(seconds);
  const std::string options =
      absl::StrCat("-c statement_timeout=", seconds * 1000);
  const char* names[] = {"target_session_attrs", "dbname", "connect_timeout",
                         "options", "application_name", nullptr};
  const char* values[] = {session_attrs,   url.c_str(),        wait.c_str(),
                          options.c_str(), "budgetctl doctor", nullptr};
  return ConnectionPtr(PQconnectdbParams(names, values, 1), PQfinish);
}

}  // namespace

std::string TextOf(const DatabaseFacts& facts, const std::string& name) {
  const auto fact = facts.find(name);
  return fact == facts.end() ? "" : fact->second;
}

int64_t NumberOf(const DatabaseFacts& facts, const std::string& name) {
  int64_t number = 0;
  return absl::SimpleAtoi(TextOf(facts, name), &number) ? number : 0;
}

absl::StatusOr<DatabaseFacts> AskDatabase(const std::string& url,
                                          absl::Duration timeout) {
  absl::Status status = CheckUrl(url);
  if (!status.ok()) return status;
  // Of several servers the one that budgetd takes, or else any: what it says
  // tells why.
  ConnectionPtr connection = Connect(url, "read-write", timeout);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    connection = Connect(url, "any", timeout);
  }
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return CannotBeAsked(connection.get());
  }
  DatabaseFacts facts;
  status = AddAllFacts(connection.get(), facts);
  if (!status.ok()) return status;
  return facts;
}

}  // namespace budget
