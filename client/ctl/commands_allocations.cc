#include <memory>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/ctl/flags.h"
#include "client/ctl/limit_text.h"
#include "client/ctl/session.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

// What create and update take; shared by the callback, so it outlives parsing.
struct AllocationFlags {
  std::string path;
  std::string name;
  std::vector<std::string> labels;
  std::vector<std::string> limits;
  PolicyFlags policies;
  std::string etag;
  bool parents = false;
  bool archived = false;
};

absl::Status Show(Session& session, const v1::Allocation& allocation,
                  const google::protobuf::Message& answer) {
  session.Print(answer, RenderAllocation(allocation, session.zone()));
  return absl::OkStatus();
}

template <typename Response>
absl::Status ShowAllocation(Session& session,
                            const absl::StatusOr<Response>& answer) {
  if (!answer.ok()) return answer.status();
  return Show(session, answer->allocation(), *answer);
}

absl::StatusOr<std::string> EtagOf(Session& session, const std::string& path) {
  v1::GetAllocationRequest request;
  request.set_path(path);
  const auto answer = session.client().GetAllocation(request, session.options());
  if (!answer.ok()) return answer.status();
  return answer->allocation().etag();
}

// Makes what is missing above `path`; what exists stays as it is.
absl::Status CreateParents(Session& session, const std::string& path) {
  std::vector<std::string> segments = absl::StrSplit(path, '/');
  for (size_t depth = 1; depth < segments.size(); ++depth) {
    v1::CreateAllocationRequest request;
    request.mutable_allocation()->set_path(
        absl::StrJoin(segments.begin(), segments.begin() + depth, "/"));
    const absl::Status status =
        session.client().CreateAllocation(request, session.options()).status();
    if (!status.ok() && ErrorReasonOf(status).reason != "ALLOCATION_EXISTS") {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status Create(Session& session, const AllocationFlags& flags) {
  v1::CreateAllocationRequest request;
  v1::Allocation& allocation = *request.mutable_allocation();
  allocation.set_path(flags.path);
  allocation.set_display_name(flags.name);
  absl::Status status = ReadPairs(flags.labels, allocation.mutable_labels());
  status.Update(flags.policies.Read(allocation.mutable_policies()));
  for (const std::string& text : flags.limits) {
    auto limit = ParseLimit(text);
    if (!limit.ok()) return limit.status();
    *allocation.add_limits() = *std::move(limit);
  }
  if (!status.ok()) return status;
  if (flags.parents) {
    status = CreateParents(session, flags.path);
    if (!status.ok()) return status;
  }
  return ShowAllocation(
      session, session.client().CreateAllocation(request, session.options()));
}

absl::Status Get(Session& session, const std::string& path) {
  v1::GetAllocationRequest request;
  request.set_path(path);
  return ShowAllocation(
      session, session.client().GetAllocation(request, session.options()));
}

absl::Status List(Session& session, const AllocationFlags& flags) {
  v1::ListAllocationsRequest request;
  request.set_under(flags.path);
  request.set_include_archived(flags.archived);
  request.set_page_size(1000);
  v1::ListAllocationsResponse all;
  do {
    const auto page = session.client().ListAllocations(request, session.options());
    if (!page.ok()) return page.status();
    all.mutable_allocations()->MergeFrom(page->allocations());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  session.Print(all, RenderTree({all.allocations().begin(), all.allocations().end()}));
  return absl::OkStatus();
}

absl::Status Update(Session& session, const AllocationFlags& flags,
                    bool name_given) {
  v1::GetAllocationRequest get;
  get.set_path(flags.path);
  const auto current = session.client().GetAllocation(get, session.options());
  if (!current.ok()) return current.status();
  v1::UpdateAllocationRequest request;
  v1::Allocation& allocation = *request.mutable_allocation();
  allocation = current->allocation();
  request.set_etag(flags.etag.empty() ? allocation.etag() : flags.etag);
  if (name_given) {
    allocation.set_display_name(flags.name);
    request.mutable_update_mask()->add_paths("display_name");
  }
  if (!flags.labels.empty()) {
    const absl::Status s = ReadPairs(flags.labels, allocation.mutable_labels());
    if (!s.ok()) return s;
    request.mutable_update_mask()->add_paths("labels");
  }
  if (flags.policies.given()) {
    const absl::Status s = flags.policies.Read(allocation.mutable_policies());
    if (!s.ok()) return s;
    request.mutable_update_mask()->add_paths("policies");
  }
  if (request.update_mask().paths().empty()) {
    return absl::InvalidArgumentError("name at least one thing to change");
  }
  return ShowAllocation(
      session, session.client().UpdateAllocation(request, session.options()));
}

absl::Status Archive(Session& session, const AllocationFlags& flags) {
  v1::ArchiveAllocationRequest request;
  request.set_path(flags.path);
  request.set_etag(flags.etag);
  if (flags.etag.empty()) {
    const auto etag = EtagOf(session, flags.path);
    if (!etag.ok()) return etag.status();
    request.set_etag(*etag);
  }
  return ShowAllocation(
      session, session.client().ArchiveAllocation(request, session.options()));
}

void AddDescriptionFlags(CLI::App& command, AllocationFlags& flags) {
  command.add_option("--label", flags.labels, "key=value, repeatable")
      ->allow_extra_args(false);
  flags.policies.Add(command);
}

constexpr char kEtagHelp[] =
    "refuse if it has changed since; without it, what is there now is changed";

}  // namespace

void AddAllocationCommands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("allocations", "The budget tree");
  group->require_subcommand(1);
  group->fallthrough();

  auto make = std::make_shared<AllocationFlags>();
  CLI::App* create = session.AddCommand(
      *group, "create", "Create an allocation",
      [&session, make] { return Create(session, *make); });
  create->add_option("path", make->path, "such as acme/search/key-17")->required();
  create->add_option("--name", make->name, "display name");
  create->add_option("--limit", make->limits,
                     "such as month:usd=$1000/month@Europe/Berlin, repeatable")
      ->allow_extra_args(false);
  create->add_flag("--parents", make->parents, "create what is missing above");
  AddDescriptionFlags(*create, *make);

  auto get = std::make_shared<AllocationFlags>();
  session
      .AddCommand(*group, "get", "Show an allocation",
                  [&session, get] { return Get(session, get->path); })
      ->add_option("path", get->path)->required();

  auto list = std::make_shared<AllocationFlags>();
  CLI::App* tree =
      session.AddCommand(*group, "list", "Show the tree",
                         [&session, list] { return List(session, *list); });
  tree->add_option("under", list->path, "only this one and those below it");
  tree->add_flag("--archived", list->archived, "archived ones too");

  auto change = std::make_shared<AllocationFlags>();
  auto name = std::make_shared<CLI::Option*>(nullptr);
  CLI::App* update = session.AddCommand(
      *group, "update", "Change name, labels or policies",
      [&session, change, name] {
        return Update(session, *change, (*name)->count() > 0);
      });
  update->add_option("path", change->path)->required();
  *name = update->add_option("--name", change->name, "display name");
  update->add_option("--etag", change->etag, kEtagHelp);
  AddDescriptionFlags(*update, *change);

  auto end = std::make_shared<AllocationFlags>();
  CLI::App* archive =
      session.AddCommand(*group, "archive", "End an allocation for ever",
                         [&session, end] { return Archive(session, *end); });
  archive->add_option("path", end->path)->required();
  archive->add_option("--etag", end->etag, kEtagHelp);
}

}  // namespace budget
