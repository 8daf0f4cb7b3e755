#ifndef BUDGET_APP_MASK_SECRETS_H_
#define BUDGET_APP_MASK_SECRETS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace budget {

// `text` with what may be a password in a database URL, in either form of
// libpq, replaced by "***". Where the text is malformed it rather masks too
// much than too little; text that is no URL stays as it is. Pure.
std::string MaskSecrets(absl::string_view text);

}  // namespace budget

#endif  // BUDGET_APP_MASK_SECRETS_H_
