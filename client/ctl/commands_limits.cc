#include <memory>

#include "absl/strings/str_cat.h"
#include "client/ctl/limit_text.h"
#include "client/ctl/session.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

struct LimitFlags {
  std::string path;
  std::string limit;
  std::string etag;
};

// The etag given, or that of the allocation as it is now.
absl::StatusOr<std::string> EtagFor(Session& session, const LimitFlags& flags) {
  if (!flags.etag.empty()) return flags.etag;
  v1::GetAllocationRequest request;
  request.set_path(flags.path);
  const auto answer = session.client().GetAllocation(request, session.options());
  if (!answer.ok()) return answer.status();
  return answer->allocation().etag();
}

absl::Status Set(Session& session, const LimitFlags& flags) {
  auto limit = ParseLimit(flags.limit);
  if (!limit.ok()) return limit.status();
  const auto etag = EtagFor(session, flags);
  if (!etag.ok()) return etag.status();
  v1::SetLimitRequest request;
  request.set_path(flags.path);
  *request.mutable_limit() = *std::move(limit);
  request.set_etag(*etag);
  return session.Show(
      session.client().SetLimit(request, session.options()),
      [&session](const v1::SetLimitResponse& answer) {
        google::protobuf::RepeatedPtrField<v1::LimitStatus> limits;
        *limits.Add() = answer.status();
        return RenderLimits(limits, TimeOf(answer.read_time()), session.zone());
      });
}

absl::Status Remove(Session& session, const LimitFlags& flags) {
  const auto etag = EtagFor(session, flags);
  if (!etag.ok()) return etag.status();
  v1::RemoveLimitRequest request;
  request.set_path(flags.path);
  request.set_limit(flags.limit);
  request.set_etag(*etag);
  return session.Show(session.client().RemoveLimit(request, session.options()),
                      [&session](const v1::RemoveLimitResponse& answer) {
                        return RenderAllocation(answer.allocation(),
                                                session.zone());
                      });
}

constexpr char kEtagHelp[] =
    "refuse if the allocation has changed since; without it, what is there now "
    "is changed";

}  // namespace

void AddLimitCommands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("limits", "Limits of an allocation");
  group->require_subcommand(1);
  group->fallthrough();

  auto set_flags = std::make_shared<LimitFlags>();
  CLI::App* set = session.AddCommand(
      *group, "set", "Add a limit, or change a cap",
      [&session, set_flags] { return Set(session, *set_flags); });
  set->add_option("path", set_flags->path)->required();
  set->add_option("limit", set_flags->limit,
                  "such as day:tokens=1M/day or burst:usd=$5/rolling:5h")
      ->required();
  set->add_option("--etag", set_flags->etag, kEtagHelp);

  auto remove_flags = std::make_shared<LimitFlags>();
  CLI::App* remove = session.AddCommand(
      *group, "remove", "Remove a limit",
      [&session, remove_flags] { return Remove(session, *remove_flags); });
  remove->add_option("path", remove_flags->path)->required();
  remove->add_option("limit", remove_flags->limit, "its name")->required();
  remove->add_option("--etag", remove_flags->etag, kEtagHelp);
}

}  // namespace budget
