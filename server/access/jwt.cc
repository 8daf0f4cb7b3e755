#include "server/access/jwt.h"

#include <cjose/header.h>
#include <cjose/jws.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"
#include "server/base/file.h"

namespace budget {
namespace {

using nlohmann::json;

constexpr size_t kTokenBytesMax = 8 << 10;
constexpr size_t kKeysBytesMax = 1 << 20;
constexpr size_t kSubjectBytesMax = 255;
constexpr size_t kEs256SignatureBytes = 64;
// Year 9999: what is later is no time but a mistake.
constexpr int64_t kSecondsMax = 253'402'300'799;

absl::Status Refused(absl::string_view why) {
  return absl::UnauthenticatedError(
      absl::StrCat("the bearer token is refused: ", why));
}

bool IsBase64Url(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
}

std::optional<json> ParseObject(const std::string& text) {
  json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

// The text of a field; nothing if it is absent or something else.
std::optional<std::string> TextOf(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// What the header asks for, of the little it may ask for.
struct Header {
  std::string algorithm;
  std::optional<std::string> kid;
};

// Tokens of other kinds (logout, proof of possession) are no access tokens,
// whoever signed them.
bool IsAccessType(const json& header) {
  if (!header.contains("typ")) return true;
  std::string type = absl::AsciiStrToLower(TextOf(header, "typ").value_or(""));
  absl::string_view short_type = type;
  absl::ConsumePrefix(&short_type, "application/");
  return short_type == "jwt" || short_type == "at+jwt";
}

absl::StatusOr<Header> ReadHeader(const std::string& text) {
  const std::optional<json> header = ParseObject(text);
  if (!header) return Refused("its header is not an object of JSON");
  const std::optional<std::string> algorithm = TextOf(*header, "alg");
  if (algorithm != kJwtRsa && algorithm != kJwtEcdsa) {
    return Refused("its algorithm is neither RS256 nor ES256");
  }
  if (!IsAccessType(*header)) {
    return Refused("its type is neither JWT nor at+jwt");
  }
  if (header->contains("crit")) {
    return Refused("it asks for an extension (crit) that is not known");
  }
  std::optional<std::string> kid = TextOf(*header, "kid");
  if (!kid && header->contains("kid")) return Refused("its kid is not text");
  return Header{*algorithm, std::move(kid)};
}

// What the three parts of a token stand for.
struct Parts {
  std::string header;
  std::string payload;
  std::string signature;
};

bool Decode(absl::string_view part, std::string& bytes) {
  return IsBase64Url(part) && absl::WebSafeBase64Unescape(part, &bytes);
}

// The compact form and nothing else, so that the library behind only sees what
// is well formed.
absl::StatusOr<Parts> Split(absl::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  Parts decoded;
  if (parts.size() != 3 || !Decode(parts[0], decoded.header) ||
      !Decode(parts[1], decoded.payload) ||
      !Decode(parts[2], decoded.signature)) {
    return Refused("it is not three parts of base64url; send a signed JWT");
  }
  return decoded;
}

bool HasSignatureSize(const Header& header, const Parts& parts) {
  return header.algorithm != kJwtEcdsa ||
         parts.signature.size() == kEs256SignatureBytes;
}

struct ReleaseJws {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
using JwsPtr = std::unique_ptr<cjose_jws_t, ReleaseJws>;

// `kid` only chooses among the pinned keys; those without one are tried all.
bool MayHaveSigned(const JwtKey& key, const Header& header) {
  return key.algorithm == header.algorithm &&
         (!header.kid || key.kid.empty() || key.kid == *header.kid);
}

bool IsSigned(absl::string_view token, const Header& header,
              const std::vector<JwtKey>& keys) {
  cjose_err error = {};
  const JwsPtr jws(cjose_jws_import(token.data(), token.size(), &error));
  if (jws == nullptr) return false;
  // Two readers of JSON must not see two algorithms.
  const char* algorithm = cjose_header_get(
      cjose_jws_get_protected(jws.get()), CJOSE_HDR_ALG, &error);
  if (algorithm == nullptr || header.algorithm != algorithm) return false;
  for (const JwtKey& key : keys) {
    if (!MayHaveSigned(key, header)) continue;
    // The library keeps the digest of a try, and makes a new one at the next.
    const JwsPtr attempt(cjose_jws_import(token.data(), token.size(), &error));
    if (attempt != nullptr &&
        cjose_jws_verify(attempt.get(), key.key.get(), &error)) {
      return true;
    }
  }
  return false;
}

// Seconds since 1970, whole or not; nothing for anything else.
std::optional<absl::Time> TimeOf(const json& claim) {
  if (!claim.is_number()) return std::nullopt;
  const double seconds = claim.get<double>();
  if (!(seconds >= 0 && seconds <= static_cast<double>(kSecondsMax))) {
    return std::nullopt;
  }
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

bool IsFor(const json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return found->get<std::string>() == audience;
  return found->is_array() &&
         std::any_of(found->begin(), found->end(), [&](const json& one) {
           return one.is_string() && one.get<std::string>() == audience;
         });
}

// Names of principals are written to logs and books: no control characters.
bool IsSubject(absl::string_view text) {
  return !text.empty() && text.size() <= kSubjectBytesMax &&
         std::none_of(text.begin(), text.end(), absl::ascii_iscntrl);
}

// When the token expires, leeway included.
absl::StatusOr<absl::Time> CheckTimes(const json& claims, absl::Time now,
                                      absl::Duration leeway) {
  if (!claims.contains("exp")) return Refused("it has no expiry (exp)");
  for (const char* name : {"exp", "nbf", "iat"}) {
    if (claims.contains(name) && !TimeOf(claims[name])) {
      return Refused(absl::StrCat("its ", name, " is not a time in seconds"));
    }
  }
  const absl::Time until = *TimeOf(claims["exp"]) + leeway;
  if (now >= until) return Refused("it has expired");
  for (const char* name : {"nbf", "iat"}) {
    if (claims.contains(name) && now + leeway < *TimeOf(claims[name])) {
      return Refused(absl::StrCat("it is not valid yet (", name, ")"));
    }
  }
  return until;
}

absl::StatusOr<PrincipalCache::Entry> ReadClaims(const std::string& payload,
                                                 const JwtOptions& options,
                                                 absl::Time now) {
  const std::optional<json> claims = ParseObject(payload);
  if (!claims) return Refused("its claims are not an object of JSON");
  const absl::StatusOr<absl::Time> until =
      CheckTimes(*claims, now, options.leeway);
  if (!until.ok()) return until.status();
  if (TextOf(*claims, "iss") != options.issuer) {
    return Refused(absl::StrCat("its issuer (iss) is not ", options.issuer));
  }
  if (!IsFor(*claims, options.audience)) {
    return Refused(
        absl::StrCat("its audience (aud) is not ", options.audience));
  }
  const std::string subject = TextOf(*claims, "sub").value_or("");
  if (!IsSubject(subject)) {
    return Refused("its subject (sub) is not a text of 1 to 255 bytes");
  }
  return PrincipalCache::Entry{
      absl::StrCat("jwt:", options.issuer, "#", subject), *until};
}

}  // namespace

absl::StatusOr<std::unique_ptr<JwtVerifier>> JwtVerifier::Open(
    JwtOptions options, const Clock& clock) {
  std::unique_ptr<JwtVerifier> verifier(
      new JwtVerifier(std::move(options), clock));
  const absl::StatusOr<bool> read = verifier->Reload();
  if (!read.ok()) return read.status();
  return verifier;
}

absl::StatusOr<bool> JwtVerifier::Reload() {
  absl::StatusOr<std::string> text =
      ReadSmallFile(options_.keys_file, kKeysBytesMax);
  if (!text.ok()) return text.status();
  const std::shared_ptr<KeySet> old = this->keys();
  if (old != nullptr && old->text == *text) return false;
  absl::StatusOr<std::vector<JwtKey>> keys = ParseJwtKeys(*text);
  if (!keys.ok()) return absl::FailedPreconditionError(keys.status().message());
  auto set = std::make_shared<KeySet>(
      *std::move(text), *std::move(keys), options_.cache_entries_max);
  absl::MutexLock lock(&mutex_);
  keys_ = std::move(set);
  return true;
}

std::shared_ptr<JwtVerifier::KeySet> JwtVerifier::keys() const {
  absl::MutexLock lock(&mutex_);
  return keys_;
}

absl::StatusOr<std::string> JwtVerifier::Verify(absl::string_view token) {
  if (token.size() > kTokenBytesMax) return Refused("it is larger than 8 KiB");
  const absl::Time now = clock_.Now();
  const TokenHash hash = HashOf(token);
  const std::shared_ptr<KeySet> set = keys();
  if (auto known = set->verified.Find(hash, now)) return *std::move(known);
  const absl::StatusOr<Parts> parts = Split(token);
  if (!parts.ok()) return parts.status();
  const absl::StatusOr<Header> header = ReadHeader(parts->header);
  if (!header.ok()) return header.status();
  const bool is_signed = HasSignatureSize(*header, *parts) &&
                         IsSigned(token, *header, set->keys);
  // gRPC's handshakes on this thread would take an error left here for theirs.
  ERR_clear_error();
  if (!is_signed) return Refused("none of the pinned keys has signed it");
  absl::StatusOr<PrincipalCache::Entry> entry =
      ReadClaims(parts->payload, options_, now);
  if (!entry.ok()) return entry.status();
  std::string principal = entry->principal;
  set->verified.Put(hash, *std::move(entry));
  return principal;
}

}  // namespace budget
