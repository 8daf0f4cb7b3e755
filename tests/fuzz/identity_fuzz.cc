#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/access/certificate.h"
#include "server/access/jwt.h"
#include "server/access/peer_identity.h"
#include "server/base/clock.h"
#include "tests/fuzz/require.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"
#include "tests/support/test_jwt.h"

// What strangers send to say who they are, and what administrators pin: tokens,
// keys, certificates and the names in them. The first byte says which.
namespace budget::fuzz {
namespace {

constexpr absl::string_view kPrefix = "jwt:https://issuer#";

void CheckPrincipal(const absl::StatusOr<std::string>& principal) {
  if (!principal.ok()) {
    Require(!principal.status().message().empty(), "a refusal says why");
    return;
  }
  Require(!principal->empty(), "a principal has a name");
  for (const unsigned char c : *principal) {
    Require(!absl::ascii_iscntrl(c), "no principal forges lines of a log");
  }
}

struct Issuer {
  Issuer() {
    const std::string file = scratch / "keys";
    testing::ReplaceFile(file, signer.Pem());
    verifier = JwtVerifier::Open({.keys_file = file,
                                  .issuer = "https://issuer",
                                  .audience = "budget",
                                  .cache_entries_max = 100},
                                 SystemClock())
                   .value();
  }

  const testing::ScratchDir scratch;
  const testing::JwtSigner signer = testing::JwtSigner::Ec();
  std::unique_ptr<JwtVerifier> verifier;
};

Issuer& TheIssuer() {
  static Issuer issuer;
  return issuer;
}

// Nobody who does not have the key can sign.
void TryToken(const std::string& text) {
  Require(!TheIssuer().verifier->Verify(text).ok(), "a token is signed");
}

// "header \n claims", signed: past the signature all is parsed.
void TrySignedToken(const std::string& text) {
  const std::vector<std::string> parts =
      absl::StrSplit(text, absl::MaxSplits('\n', 1));
  const std::string token = TheIssuer().signer.Sign(
      parts[0], parts.size() > 1 ? parts[1] : std::string());
  const auto principal = TheIssuer().verifier->Verify(token);
  CheckPrincipal(principal);
  Require(principal.ok() == TheIssuer().verifier->Verify(token).ok(),
          "what is remembered is what was decided");
  if (principal.ok()) {
    Require(absl::StartsWith(*principal, kPrefix), "the issuer is pinned");
  }
}

void TryKeys(const std::string& text) {
  const auto keys = ParseJwtKeys(text);
  if (!keys.ok()) return;
  Require(!keys->empty(), "keys that are taken are some");
  for (const JwtKey& key : *keys) {
    Require(key.key != nullptr, "a key can be used");
    Require(key.algorithm == kJwtRsa || key.algorithm == kJwtEcdsa,
            "a key has an algorithm");
  }
}

// A line for each name, "u" before URIs, "d" before DNS names.
void TryNames(const std::string& text) {
  PeerNames names;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty()) continue;
    (line[0] == 'u' ? names.uris : names.dns)
        .emplace_back(line.substr(1));
  }
  for (const char* trust_domain : {"", "prod"}) {
    const auto principal = PrincipalOfPeer(names, trust_domain);
    CheckPrincipal(principal);
    if (!principal.ok()) continue;
    Require(names.uris.size() <= 1, "several URIs are refused");
    Require(absl::StartsWith(*principal, "spiffe://prod/") ||
                *trust_domain == '\0',
            "a trust domain is pinned");
    Require(absl::StartsWith(*principal, "spiffe://") ||
                absl::StartsWith(*principal, "dns:"),
            "a principal says where it comes from");
  }
}

void TryCertificate(const std::string& text) {
  CheckPrincipal(PrincipalOfCertificate(text, ""));
  const bool whole = CheckCertificates(text).ok();
  if (CheckKeyPair({text, text}, absl::Now()).ok()) {
    Require(whole, "a pair has a chain");
  }
}

}  // namespace
}  // namespace budget::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace budget::fuzz;  // NOLINT: only here
  constexpr void (*kTries[])(const std::string&) = {
      TryToken, TrySignedToken, TryKeys, TryNames, TryCertificate};
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  kTries[data[0] % std::size(kTries)](text);
  return 0;
}
