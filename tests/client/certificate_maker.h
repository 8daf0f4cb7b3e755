#ifndef BUDGET_TESTS_CLIENT_CERTIFICATE_MAKER_H_
#define BUDGET_TESTS_CLIENT_CERTIFICATE_MAKER_H_

#include <string>

#include "absl/time/time.h"

namespace budget::testing {

// A key and a certificate that it signed itself, in PEM form.
struct SelfSigned {
  std::string key;
  std::string certificate;
};

// For CN=`name`, good from now on for `validity`; expired if that is negative.
SelfSigned MakeSelfSigned(const std::string& name, absl::Duration validity);

}  // namespace budget::testing

#endif  // BUDGET_TESTS_CLIENT_CERTIFICATE_MAKER_H_
