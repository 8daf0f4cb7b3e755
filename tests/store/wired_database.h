#ifndef BUDGET_TESTS_STORE_WIRED_DATABASE_H_
#define BUDGET_TESTS_STORE_WIRED_DATABASE_H_

#include <memory>
#include <string>

#include "tests/support/scratch_dir.h"
#include "tests/wire/proxy.h"

namespace budget::testing {

// A database behind a wire that can be cut.
class WiredDatabase {
 public:
  explicit WiredDatabase(std::string uri);

  // Of the same database, by the wire.
  const std::string& uri() const { return uri_; }
  wire::Proxy& proxy() { return *proxy_; }

 private:
  ScratchDir directory_;
  std::unique_ptr<wire::Proxy> proxy_;
  std::string uri_;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_STORE_WIRED_DATABASE_H_
