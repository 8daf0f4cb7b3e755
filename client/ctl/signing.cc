#include "client/ctl/signing.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Read = EVP_PKEY* (*)(std::FILE*, EVP_PKEY**, pem_password_cb*, void*);

// No passphrase: nobody may sit there to type one.
int NoPassphrase(char*, int, int, void*) { return -1; }

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

EVP_PKEY* KeyOf(const std::shared_ptr<void>& key) {
  return static_cast<EVP_PKEY*>(key.get());
}

// Null if there is no Ed25519 key in the file.
std::shared_ptr<void> ReadKey(const std::string& path, Read read) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "r"), &std::fclose);
  if (file == nullptr) return nullptr;
  EVP_PKEY* key = read(file.get(), nullptr, &NoPassphrase, nullptr);
  if (key == nullptr) return nullptr;
  std::shared_ptr<void> owned(
      key, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); });
  return EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 ? owned : nullptr;
}

absl::Status NoKey(const std::string& path, absl::string_view kind) {
  return absl::InvalidArgumentError(absl::StrCat(
      path, " is no ", kind, " Ed25519 key in PEM form without a passphrase"));
}

}  // namespace

absl::StatusOr<SigningKey> SigningKey::Read(const std::string& path) {
  std::shared_ptr<void> key = ReadKey(path, &PEM_read_PrivateKey);
  if (key == nullptr) return NoKey(path, "private");
  return SigningKey(std::move(key));
}

std::string SigningKey::Sign(absl::string_view text) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  unsigned char signature[64];
  size_t size = sizeof(signature);
  // Fails only without memory: the key has been looked at.
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr,
                         KeyOf(key_)) != 1 ||
      EVP_DigestSign(context.get(), signature, &size, Bytes(text),
                     text.size()) != 1) {
    std::abort();
  }
  return std::string(reinterpret_cast<const char*>(signature), size);
}

absl::StatusOr<VerifyingKey> VerifyingKey::Read(const std::string& path) {
  std::shared_ptr<void> key = ReadKey(path, &PEM_read_PUBKEY);
  if (key == nullptr) return NoKey(path, "public");
  return VerifyingKey(std::move(key));
}

bool VerifyingKey::Verifies(absl::string_view text,
                            absl::string_view signature) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr,
                              KeyOf(key_)) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                          Bytes(text), text.size()) == 1;
}

}  // namespace budget
