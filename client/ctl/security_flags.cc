#include "client/ctl/security_flags.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace budget {

void SecurityFlags::Add(CLI::App& app, const std::string& variable_prefix) {
  const auto variable = [&](const std::string& name) {
    return absl::StrCat(
        variable_prefix,
        absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}})));
  };
  const auto add = [&](const std::string& name, std::string& value,
                       const std::string& help) {
    return app.add_option("--" + name, value, help)->envname(variable(name));
  };
  const auto add_file = [&](const std::string& name, std::string& value,
                            const std::string& help) {
    return add(name, value, help)->check(CLI::ExistingFile);
  };
  app.add_flag("--tls", tls_,
               "speak TLS, trusting the system's authorities unless --tls-ca "
               "is given")
      ->envname(variable("tls"));
  add_file("tls-ca", security_.roots_file,
           "PEM file of the authorities to trust; speaks TLS");
  CLI::Option* cert = add_file(
      "tls-cert", security_.certificate_file,
      "PEM file of the certificate chain to show; speaks TLS");
  CLI::Option* key = add_file("tls-key", security_.key_file,
                              "PEM file of the key of --tls-cert");
  cert->needs(key);
  key->needs(cert);
  add("tls-server-name", security_.server_name,
      "what the server's certificate must be for; speaks TLS (default: the "
      "host of the endpoint)");
  add_file("token-file", security_.token_file,
           "file of the bearer token to send with each call");
}

Security SecurityFlags::Get() const {
  Security security = security_;
  security.tls = tls_ || !security.roots_file.empty() ||
                 !security.certificate_file.empty() ||
                 !security.key_file.empty() || !security.server_name.empty();
  return security;
}

}  // namespace budget
