#ifndef BUDGET_CTL_SECURITY_FLAGS_H_
#define BUDGET_CTL_SECURITY_FLAGS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "budget/security.h"

namespace budget {

// --tls, --tls-ca, --tls-cert, --tls-key, --tls-server-name, --token-file, and
// variables of the same names that begin with a prefix ("BUDGETCTL_TLS_CA").
class SecurityFlags {
 public:
  void Add(CLI::App& app, const std::string& variable_prefix);

  // As the flags say; each of those for TLS asks for TLS.
  Security Get() const;

 private:
  bool tls_ = false;
  Security security_;
};

}  // namespace budget

#endif  // BUDGET_CTL_SECURITY_FLAGS_H_
