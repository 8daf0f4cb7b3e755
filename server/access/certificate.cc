#include "server/access/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>

#include "absl/strings/str_cat.h"
#include "server/access/openssl_ptr.h"
#include "server/base/file.h"

namespace budget {
namespace {

constexpr size_t kFileBytesMax = 1 << 20;

X509Ptr ReadNext(BIO* bio) {
  return X509Ptr(PEM_read_bio_X509(bio, nullptr, NoPassphrase, nullptr));
}

// Whether reading ended where the text did, not at something broken. Leaves
// no error behind: gRPC's handshakes on this thread would take it for theirs.
bool EndedWell() {
  const unsigned long error = ERR_peek_last_error();  // NOLINT: OpenSSL's type
  ERR_clear_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM &&
         ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm tm = {};
  if (ASN1_TIME_to_tm(time, &tm) != 1) return absl::InfinitePast();
  return absl::FromTM(tm, absl::UTCTimeZone());
}

bool MaySign(X509* x509) {
  const uint32_t usage = X509_get_key_usage(x509);  // all ones: it says nothing
  return (X509_get_extension_flags(x509) & EXFLAG_CA) != 0 ||
         (usage != UINT32_MAX &&
          (usage & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) != 0);
}

void ReadNames(const X509* x509, Certificate& certificate) {
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* text = static_cast<const ASN1_IA5STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type != GEN_URI && type != GEN_DNS) continue;
    // With its length: a NUL inside must not end it early.
    std::string name(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
        static_cast<size_t>(ASN1_STRING_length(text)));
    (type == GEN_URI ? certificate.uri_sans : certificate.dns_sans)
        .push_back(std::move(name));
  }
}

Certificate Describe(X509* x509) {
  Certificate certificate;
  ReadNames(x509, certificate);
  certificate.may_sign = MaySign(x509);
  certificate.not_before = TimeOf(X509_get0_notBefore(x509));
  certificate.not_after = TimeOf(X509_get0_notAfter(x509));
  ERR_clear_error();
  return certificate;
}

absl::Status CheckValidity(const Certificate& leaf, absl::Time now) {
  const auto show = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
  };
  if (now >= leaf.not_after) {
    return absl::InvalidArgumentError(
        absl::StrCat("the certificate expired at ", show(leaf.not_after),
                     "; issue a new one"));
  }
  if (now < leaf.not_before) {
    return absl::InvalidArgumentError(
        absl::StrCat("the certificate is not valid before ",
                     show(leaf.not_before), "; check the clock"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Certificate> ParseCertificate(absl::string_view pem) {
  const BioPtr bio = BioOver(pem);
  const X509Ptr leaf = ReadNext(bio.get());
  if (leaf == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError("it holds no certificate in PEM form");
  }
  return Describe(leaf.get());
}

absl::StatusOr<absl::Time> CertificateExpiry(const std::string& path) {
  const absl::StatusOr<std::string> pem = ReadSmallFile(path, kFileBytesMax);
  if (!pem.ok()) return pem.status();
  const absl::StatusOr<Certificate> certificate = ParseCertificate(*pem);
  if (!certificate.ok()) return certificate.status();
  return certificate->not_after;
}

absl::Status CheckCertificates(absl::string_view pem) {
  const BioPtr bio = BioOver(pem);
  int count = 0;
  while (ReadNext(bio.get()) != nullptr) ++count;
  if (!EndedWell()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "certificate ", count + 1, " of it cannot be read; give whole PEM"));
  }
  if (count > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "it holds no certificate; give one or more in PEM form");
}

absl::Status CheckKeyPair(const KeyPair& pair, absl::Time now) {
  const absl::Status chain = CheckCertificates(pair.certificates);
  if (!chain.ok()) return chain;
  const BioPtr certificates = BioOver(pair.certificates);
  const X509Ptr leaf = ReadNext(certificates.get());
  const BioPtr bio = BioOver(pair.key);
  const KeyPtr key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  const bool fits =
      key != nullptr && X509_check_private_key(leaf.get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        "the key cannot be read; give one in PEM form without a passphrase");
  }
  if (!fits) {
    return absl::InvalidArgumentError(
        "key and certificate do not belong together; give a pair, the "
        "server's own certificate first");
  }
  return CheckValidity(Describe(leaf.get()), now);
}

}  // namespace budget
