#ifndef BUDGET_STORE_POSTGRES_PQXX_COMPAT_H_
#define BUDGET_STORE_POSTGRES_PQXX_COMPAT_H_

#include <optional>
#include <string>
#include <vector>

// libpqxx 6.4 marks with deprecation what has no replacement in it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <pqxx/pqxx>
#pragma GCC diagnostic pop

// Everything in which libpqxx 6 and 7 differ for us.
namespace budget::pqxx_compat {

// A connection of version 6 would come back from a loss by itself, without its
// settings: forbid it.
inline void ForbidReconnect(pqxx::connection& connection) {
#if PQXX_VERSION_MAJOR < 7
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
#else
  (void)connection;
#endif
}

// Prepares a statement now, not at its first use.
inline void Prepare(pqxx::connection& connection, const std::string& name,
                    const std::string& sql) {
  connection.prepare(name, sql);
#if PQXX_VERSION_MAJOR < 7
  connection.prepare_now(name);
#endif
}

// Runs a prepared statement; nullopt is NULL.
inline pqxx::result ExecPrepared(
    pqxx::transaction_base& transaction, const std::string& name,
    const std::vector<std::optional<std::string>>& values) {
#if PQXX_VERSION_MAJOR < 7
  std::vector<const char*> pointers;
  pointers.reserve(values.size());
  for (const auto& value : values) {
    pointers.push_back(value ? value->c_str() : nullptr);
  }
  return transaction.exec_prepared(
      name, pqxx::prepare::make_dynamic_params(pointers));
#else
  pqxx::params parameters;
  parameters.reserve(values.size());
  for (const auto& value : values) {
    if (value) {
      parameters.append(pqxx::zview(*value));
    } else {
      parameters.append();
    }
  }
  return transaction.exec_prepared(name, parameters);
#endif
}

}  // namespace budget::pqxx_compat

#endif  // BUDGET_STORE_POSTGRES_PQXX_COMPAT_H_
