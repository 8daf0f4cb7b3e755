#include "tests/chaos/product_verify.h"

#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

// It reads all of a ledger, which may be long.
constexpr CallOptions kUnhurried{absl::Minutes(5)};

std::string TextOf(const v1::Discrepancy& found) {
  return absl::StrCat(found.subject(), ": ledger \"", found.ledger(),
                      "\", stored \"", found.stored(), "\"");
}

}  // namespace

void VerifyByProduct(Client& client, const std::string& root, int64_t entries,
                     Verdicts& verdicts) {
  v1::VerifyRequest request;
  request.set_root(root);
  CheckVerified(root, entries, client.Verify(request, kUnhurried), verdicts);
}

void CheckVerified(const std::string& root, int64_t entries,
                   const absl::StatusOr<v1::VerifyResponse>& answer,
                   Verdicts& verdicts) {
  if (!answer.ok()) {
    return verdicts.Violated(
        Invariant::kVerifyAgrees,
        absl::StrCat(root, ": ", answer.status().ToString()));
  }
  const bool agrees = answer->ok() && answer->entries() == entries;
  verdicts.Check(Invariant::kVerifyAgrees, agrees, [&] {
    return absl::StrCat(root, ": ", answer->entries(), " of ", entries,
                        " entries, ", answer->discrepancies_total(),
                        " discrepancies");
  });
  for (const v1::Discrepancy& found : answer->discrepancies()) {
    verdicts.Violated(Invariant::kVerifyAgrees,
                      absl::StrCat(root, ": ", TextOf(found)));
  }
}

}  // namespace budget::chaos
