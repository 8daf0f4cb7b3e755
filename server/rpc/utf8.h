#ifndef BUDGET_RPC_UTF8_H_
#define BUDGET_RPC_UTF8_H_

#include "absl/strings/string_view.h"

namespace budget {

// Whether `text` is well-formed UTF-8 as Unicode defines it: shortest forms,
// no surrogates, nothing beyond U+10FFFF.
bool IsUtf8(absl::string_view text);

// Whether `text` is UTF-8 that a database text column takes: no NUL.
bool IsStorableText(absl::string_view text);

}  // namespace budget

#endif  // BUDGET_RPC_UTF8_H_
