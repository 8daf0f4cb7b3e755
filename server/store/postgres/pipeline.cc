#include "server/store/postgres/pipeline.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

constexpr int kBinary = 1;

bool Succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

}  // namespace

Pipeline::Pipeline(PGconn* connection) : connection_(connection) {
  Check(PQenterPipelineMode(connection_));
}

// Nothing stands between the answers to two statements. Nothing twice means
// that no more will come: where a write has failed, libpq ends so and still
// calls the connection good.
Pipeline::~Pipeline() {
  int nothing = 0;
  while (synced_ && nothing < 2 && PQstatus(connection_) == CONNECTION_OK) {
    PGresult* const result = PQgetResult(connection_);
    nothing = result == nullptr ? nothing + 1 : 0;
    synced_ = PQresultStatus(result) != PGRES_PIPELINE_SYNC;
    PQclear(result);
  }
  PQexitPipelineMode(connection_);
}

void Pipeline::Check(int sent) {
  if (sent != 1) throw pqxx::broken_connection(PQerrorMessage(connection_));
}

void Pipeline::Prepare(const Statement& statement) {
  Check(PQsendPrepare(connection_, statement.name, statement.sql, 0, nullptr));
}

void Pipeline::Execute(const Statement& prepared,
                       const Parameters& parameters) {
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (const Parameter& parameter : parameters) {
    values.push_back(parameter.value ? parameter.value->c_str() : nullptr);
    lengths.push_back(
        parameter.value ? static_cast<int>(parameter.value->size()) : 0);
    formats.push_back(static_cast<int>(parameter.format));
  }
  Check(PQsendQueryPrepared(connection_, prepared.name,
                            static_cast<int>(parameters.size()), values.data(),
                            lengths.data(), formats.data(), kBinary));
}

void Pipeline::Sync() {
  Check(PQpipelineSync(connection_));
  synced_ = true;
}

Result Pipeline::Next(const Statement& statement) {
  Result result(PQgetResult(connection_));
  if (Succeeded(result.raw())) {
    PQclear(PQgetResult(connection_));  // the end of the statement's results
    return result;
  }
  const std::string message =
      absl::StrCat(statement.name, ": ", PQresultErrorMessage(result.raw()));
  const char* const sqlstate =
      PQresultErrorField(result.raw(), PG_DIAG_SQLSTATE);
  if (sqlstate == nullptr) throw pqxx::broken_connection(message);
  throw pqxx::sql_error(message, statement.sql, sqlstate);
}

}  // namespace budget
