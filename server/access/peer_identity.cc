#include "server/access/peer_identity.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/access/certificate.h"

namespace budget {
namespace {

constexpr absl::string_view kScheme = "spiffe://";
constexpr size_t kSpiffeBytesMax = 2048;
constexpr size_t kTrustDomainBytesMax = 255;
constexpr size_t kDnsBytesMax = 253;
constexpr size_t kDnsLabelBytesMax = 63;

absl::Status Refused(absl::string_view why) {
  return absl::PermissionDeniedError(
      absl::StrCat("the client certificate is refused: ", why));
}

bool IsTrustDomainByte(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' ||
         c == '-' || c == '_';
}

bool IsPathByte(char c) {
  return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
}

bool IsPathSegment(absl::string_view segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         std::all_of(segment.begin(), segment.end(), IsPathByte);
}

// "/a/b"; the root, which names a whole domain, is none.
bool IsPath(absl::string_view path) {
  if (path.empty() || path[0] != '/') return false;
  const std::vector<absl::string_view> segments =
      absl::StrSplit(path.substr(1), '/');
  return std::all_of(segments.begin(), segments.end(), IsPathSegment);
}

bool IsDnsLabel(absl::string_view label) {
  return !label.empty() && label.size() <= kDnsLabelBytesMax &&
         label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                  c == '-' || c == '_';
         });
}

// Also one that is written wrong: it must not pass for something else.
bool MeansSpiffe(absl::string_view uri) {
  return absl::StartsWithIgnoreCase(uri, "spiffe:");
}

absl::StatusOr<std::string> FromSpiffeId(const std::string& uri,
                                         absl::string_view trust_domain) {
  absl::string_view rest = uri;
  const bool has_scheme = absl::ConsumePrefix(&rest, kScheme);
  const absl::string_view domain = rest.substr(0, rest.find('/'));
  if (!has_scheme || uri.size() > kSpiffeBytesMax ||
      !CheckTrustDomain(domain).ok() || !IsPath(rest.substr(domain.size()))) {
    return Refused(
        "its SPIFFE ID is not of the form spiffe://trust-domain/path");
  }
  if (!trust_domain.empty() && domain != trust_domain) {
    return Refused(absl::StrCat("its trust domain is not ", trust_domain));
  }
  return uri;
}

absl::StatusOr<std::string> FromDns(const std::string& name) {
  const std::string lower = absl::AsciiStrToLower(name);
  const std::vector<absl::string_view> labels = absl::StrSplit(lower, '.');
  if (lower.size() > kDnsBytesMax ||
      !std::all_of(labels.begin(), labels.end(), IsDnsLabel)) {
    return Refused("its DNS name is not the name of one host");
  }
  return absl::StrCat("dns:", lower);
}

}  // namespace

absl::Status CheckTrustDomain(absl::string_view name) {
  if (!name.empty() && name.size() <= kTrustDomainBytesMax &&
      std::all_of(name.begin(), name.end(), IsTrustDomainByte)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "give the name of a trust domain such as prod.example.com, 1 to 255 of "
      "a-z, 0-9, '.', '-' and '_'");
}

absl::StatusOr<std::string> PrincipalOfPeer(const PeerNames& names,
                                            absl::string_view trust_domain) {
  if (names.uris.size() > 1) return Refused("it has more than one URI");
  if (names.uris.size() == 1 && MeansSpiffe(names.uris[0])) {
    return FromSpiffeId(names.uris[0], trust_domain);
  }
  if (!trust_domain.empty()) {
    return Refused(
        absl::StrCat("it has no SPIFFE ID of trust domain ", trust_domain));
  }
  if (names.dns.size() == 1) return FromDns(names.dns[0]);
  return Refused(names.dns.empty() ? "it has neither SPIFFE ID nor DNS name"
                                   : "it has more than one DNS name");
}

absl::StatusOr<std::string> PrincipalOfCertificate(
    absl::string_view pem, absl::string_view trust_domain) {
  const absl::StatusOr<Certificate> certificate = ParseCertificate(pem);
  if (!certificate.ok()) return Refused(certificate.status().message());
  if (certificate->may_sign) {
    return Refused("it may sign certificates, which no client's should");
  }
  return PrincipalOfPeer({certificate->uri_sans, certificate->dns_sans},
                         trust_domain);
}

}  // namespace budget
