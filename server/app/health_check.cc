#include "server/app/health_check.h"

#include "absl/strings/str_cat.h"
#include "server/app/log.h"

namespace budget {

void HealthCheck::Look() {
  const std::string why_not = WhyNot();
  if (why_not.empty()) {
    shown_.readiness.SetReady();
  } else {
    shown_.readiness.SetNotReady(why_not);
  }
  shown_.server.SetServing(shown_.readiness.WhyNot().empty());
}

std::string HealthCheck::WhyNot() {
  const absl::Status ping = sources_.store.Ping();
  shown_.database_up.Set(ping.ok() ? 1 : 0);
  if (ping.ok() != reached_) {
    reached_ = ping.ok();
    if (reached_) {
      LogInfo("database_reached");
    } else {
      LogWarning("database_lost", {{"error", std::string(ping.message())}});
    }
  }
  if (!ping.ok()) {
    return absl::StrCat("the database does not answer: ", ping.message());
  }
  if (sources_.clock.Now() >= next_schema_) LookAtSchema();
  return schema_problem_;
}

// That it could not be looked at says nothing: the database has just answered.
void HealthCheck::LookAtSchema() {
  next_schema_ = sources_.clock.Now() + kSchemaPause;
  const absl::Status schema = sources_.check_schema();
  const bool mismatch = absl::IsFailedPrecondition(schema);
  if (mismatch && schema_problem_.empty()) {
    LogError("schema_mismatch", {{"error", std::string(schema.message())}});
  }
  if (mismatch || schema.ok()) {
    schema_problem_ = mismatch ? std::string(schema.message()) : "";
  }
}

}  // namespace budget
