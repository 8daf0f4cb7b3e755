#include "server/store/postgres/connection_string.h"

#include <libpq-fe.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace budget {
namespace {

constexpr char kSessionKey[] = "target_session_attrs";

// Every time is for one host: where several are given, each has its turn.
constexpr struct {
  const char* key;
  const char* value;
} kDefaults[] = {
    // Of several hosts, the one that takes writes: a standby must decide
    // nothing, nor answer with what the primary may never have had.
    {kSessionKey, "read-write"},
    {"connect_timeout", "5"},       // seconds
    {"tcp_user_timeout", "15000"},  // milliseconds
    // What was sent has arrived and no answer comes: a question after ten
    // seconds, and five later tcp_user_timeout ends the connection.
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"fallback_application_name", "budgetd"},
};

using Options = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>;

PQconninfoOption* Find(const Options& options, absl::string_view key) {
  for (PQconninfoOption* o = options.get(); o->keyword != nullptr; ++o) {
    if (o->keyword == key) return o;
  }
  return nullptr;
}

bool IsGiven(const Options& options, absl::string_view key) {
  const PQconninfoOption* option = Find(options, key);
  return option != nullptr && option->val != nullptr;
}

void Append(absl::string_view key, absl::string_view value, std::string& out) {
  absl::StrAppend(&out, out.empty() ? "" : " ", key, "='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  out += '\'';
}

// Only a server that takes writes can be asked to decide.
absl::Status CheckSession(const Options& options) {
  if (!IsGiven(options, kSessionKey)) return absl::OkStatus();
  const absl::string_view value = Find(options, kSessionKey)->val;
  if (value == "read-write" || value == "primary") return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the database URL has a target_session_attrs that lets a standby "
      "answer, which must decide nothing; leave it out, or write read-write or "
      "primary"));
}

}  // namespace

// What the driver says of a string that it cannot read may quote a password.
absl::StatusOr<std::string> CompleteConnectionString(const std::string& uri) {
  const Options options(PQconninfoParse(uri.c_str(), nullptr),
                        &PQconninfoFree);
  if (!options) {
    return absl::InvalidArgumentError(
        "the database URL cannot be read; write "
        "postgresql://user@host-a:5432,host-b:5432/database or "
        "host=... dbname=..., and special characters of a URL as %XX");
  }
  absl::Status status = CheckSession(options);
  if (!status.ok()) return status;
  std::string text;
  for (PQconninfoOption* o = options.get(); o->keyword != nullptr; ++o) {
    if (o->val != nullptr) Append(o->keyword, o->val, text);
  }
  for (const auto& [key, value] : kDefaults) {
    if (!IsGiven(options, key)) Append(key, value, text);
  }
  return text;
}

}  // namespace budget
