#ifndef BUDGET_STORE_POSTGRES_PQXX_COMPAT_H_
#define BUDGET_STORE_POSTGRES_PQXX_COMPAT_H_

#include <libpq-fe.h>

#include <string>

// libpqxx 6.4 marks with deprecation what has no replacement in it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <pqxx/pqxx>
#pragma GCC diagnostic pop

// Everything in which libpqxx 6 and 7 differ for us.
namespace budget::pqxx_compat {

#if PQXX_VERSION_MAJOR < 7

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

// A connection of libpqxx that lets libpq's own handle be used beside it, for
// libpqxx has no pipeline mode. Not thread-safe.
class Connection final : public pqxx::connection_base {
 public:
  explicit Connection(const std::string& options)
      : pqxx::connection_base(policy_), policy_(options) {
    init();
    // It would come back from a loss by itself, without its settings.
    inhibit_reactivation(true);
  }
  ~Connection() { close(); }

  PGconn* raw() const { return policy_.raw(); }

 private:
  class Policy final : public pqxx::connect_direct {
   public:
    using pqxx::connect_direct::connect_direct;
    PGconn* raw() const { return raw_; }
    handle do_startconnect(handle previous) override {
      return raw_ = pqxx::connect_direct::do_startconnect(previous);
    }

   private:
    PGconn* raw_ = nullptr;
  };

  Policy policy_;
};

#pragma GCC diagnostic pop

#else

// As above.
class Connection final {
 public:
  explicit Connection(const std::string& options)
      : raw_(PQconnectdb(options.c_str())),
        connection_(pqxx::connection::seize_raw_connection(raw_)) {}

  PGconn* raw() const { return raw_; }
  operator pqxx::connection&() { return connection_; }
  bool is_open() const { return connection_.is_open(); }

 private:
  PGconn* const raw_;
  pqxx::connection connection_;
};

#endif

}  // namespace budget::pqxx_compat

#endif  // BUDGET_STORE_POSTGRES_PQXX_COMPAT_H_
