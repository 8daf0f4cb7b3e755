#include <iostream>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/ctl/amount_text.h"
#include "client/ctl/flags.h"
#include "client/ctl/session.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

struct HoldFlags {
  std::vector<std::string> allocations;
  std::string id;
  std::string root;
  AmountFlags amounts;
  AmountFlags minimum;
  UsageFlags usage;
  std::string ttl;
  std::vector<std::string> tags;
  std::string on_expiry;
  bool usd_unknown = false;
  bool validate_only = false;
  bool partial = false;
  std::string state;
  int max = 100;
};

// What became of a hold, and where its limits stand.
template <typename Response>
absl::Status ShowHold(Session& session, const absl::StatusOr<Response>& answer) {
  return session.Show(answer, [&session](const Response& r) {
    std::string text = RenderReservation(r.reservation(), session.zone()) +
                       RenderLimits(r.limits(), TimeOf(r.read_time()), session.zone());
    if constexpr (requires { r.thresholds_crossed(); }) {
      for (const v1::ThresholdCrossing& crossing : r.thresholds_crossed()) {
        absl::StrAppend(&text, "reached ", crossing.warn_percent(), " % of ",
                        crossing.allocation(), " ", crossing.limit(), "\n");
      }
    }
    return text;
  });
}

absl::Status ReadTtl(const std::string& text, google::protobuf::Duration* ttl) {
  const auto duration = ParseDurationText(text);
  if (!duration.ok()) return duration.status();
  ttl->set_seconds(absl::ToInt64Seconds(*duration));
  ttl->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(*duration - absl::Seconds(ttl->seconds()))));
  return absl::OkStatus();
}

absl::Status Reserve(Session& session, const HoldFlags& flags) {
  v1::ReserveRequest request;
  request.set_reservation_id(flags.id.empty() ? NewReservationId() : flags.id);
  request.mutable_allocations()->Assign(flags.allocations.begin(),
                                        flags.allocations.end());
  absl::Status status = flags.amounts.Read(request.mutable_amounts());
  if (flags.minimum.given()) {
    status.Update(flags.minimum.Read(request.mutable_minimum()));
  }
  if (!flags.ttl.empty()) status.Update(ReadTtl(flags.ttl, request.mutable_ttl()));
  status.Update(ReadPairs(flags.tags, request.mutable_tags()));
  if (flags.usage.given()) {
    status.Update(flags.usage.Read(request.mutable_usage()));
  }
  if (!flags.on_expiry.empty()) {
    const auto on_expiry = ParseOnExpiry(flags.on_expiry);
    if (!on_expiry.ok()) return on_expiry.status();
    request.set_on_expiry(*on_expiry);
  }
  if (!status.ok()) return status;
  request.set_usd_unknown(flags.usd_unknown);
  request.set_validate_only(flags.validate_only);
  const auto answer = session.client().Reserve(request, session.options());
  // Of use where the answer was lost: the hold may exist under this id.
  if (!answer.ok() && !DenialOf(answer.status()) && flags.id.empty()) {
    std::cerr << "reservation id " << request.reservation_id() << "\n";
  }
  return ShowHold(session, answer);
}

absl::Status Adjust(Session& session, const HoldFlags& flags) {
  v1::AdjustReservationRequest request;
  request.set_reservation_id(flags.id);
  request.set_root(flags.root);
  absl::Status status;
  if (flags.amounts.given()) status = flags.amounts.Read(request.mutable_held());
  if (!flags.ttl.empty()) status.Update(ReadTtl(flags.ttl, request.mutable_ttl()));
  if (!status.ok()) return status;
  return ShowHold(session,
                  session.client().AdjustReservation(request, session.options()));
}

absl::Status Settle(Session& session, const HoldFlags& flags) {
  v1::SettleRequest request;
  request.set_reservation_id(flags.id);
  request.set_root(flags.root);
  absl::Status status = flags.amounts.Read(request.mutable_actual());
  if (flags.usage.given()) {
    status.Update(flags.usage.Read(request.mutable_usage()));
  }
  if (!status.ok()) return status;
  request.set_final(!flags.partial);
  request.set_usd_unknown(flags.usd_unknown);
  return ShowHold(session, session.client().Settle(request, session.options()));
}

absl::Status Release(Session& session, const HoldFlags& flags) {
  v1::ReleaseRequest request;
  request.set_reservation_id(flags.id);
  request.set_root(flags.root);
  return ShowHold(session, session.client().Release(request, session.options()));
}

absl::Status RecordUsage(Session& session, const HoldFlags& flags) {
  v1::RecordUsageRequest request;
  request.set_usage_id(flags.id.empty() ? NewReservationId() : flags.id);
  request.mutable_allocations()->Assign(flags.allocations.begin(),
                                        flags.allocations.end());
  absl::Status status = flags.amounts.Read(request.mutable_actual());
  status.Update(ReadPairs(flags.tags, request.mutable_tags()));
  if (flags.usage.given()) {
    status.Update(flags.usage.Read(request.mutable_usage()));
  }
  if (!status.ok()) return status;
  request.set_usd_unknown(flags.usd_unknown);
  return ShowHold(session, session.client().RecordUsage(request, session.options()));
}

absl::Status Get(Session& session, const HoldFlags& flags) {
  v1::GetReservationRequest request;
  request.set_reservation_id(flags.id);
  request.set_root(flags.root);
  return session.Show(session.client().GetReservation(request, session.options()),
                      [&](const v1::GetReservationResponse& answer) {
                        return RenderReservation(answer.reservation(), session.zone());
                      });
}

absl::Status List(Session& session, const HoldFlags& flags) {
  v1::ListReservationsRequest request;
  request.set_allocation(flags.root);
  if (!flags.state.empty()) {
    v1::ReservationState state = v1::RESERVATION_STATE_UNSPECIFIED;
    if (!v1::ReservationState_Parse(
            "RESERVATION_STATE_" + absl::AsciiStrToUpper(flags.state), &state)) {
      return absl::InvalidArgumentError(
          "--state: write open, settled, released or expired");
    }
    request.set_state(state);
  }
  request.set_page_size(std::min(1000, flags.max));
  v1::ListReservationsResponse all;
  while (all.reservations_size() < flags.max) {
    const auto page = session.client().ListReservations(request, session.options());
    if (!page.ok()) return page.status();
    all.mutable_reservations()->MergeFrom(page->reservations());
    *all.mutable_read_time() = page->read_time();
    all.set_next_page_token(page->next_page_token());
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  KeepFirst(flags.max, all.mutable_reservations());
  session.Print(all, RenderReservations({all.reservations().begin(),
                                         all.reservations().end()},
                                        session.zone()));
  return absl::OkStatus();
}

void AddIdAndRoot(CLI::App& command, HoldFlags& flags) {
  command.add_option("id", flags.id, "the reservation")->required();
  command.add_option("root", flags.root, "its root, or any path under it")
      ->required();
}

void AddUseFlags(CLI::App& command, HoldFlags& flags) {
  flags.amounts.Add(command);
  flags.usage.Add(command);
  command.add_flag("--usd-unknown", flags.usd_unknown, "the cost is not known");
}

void AddMaking(CLI::App& app, Session& session) {
  auto hold = std::make_shared<HoldFlags>();
  CLI::App* reserve =
      session.AddCommand(app, "reserve", "Hold an upper bound",
                         [&session, hold] { return Reserve(session, *hold); });
  reserve->add_option("allocations", hold->allocations, "1 to 8 of one root")
      ->required();
  AddUseFlags(*reserve, *hold);
  hold->minimum.Add(*reserve, "minimum-");
  reserve->add_option("--id", hold->id, "UUID (default: a new one)");
  reserve->add_option("--ttl", hold->ttl, "such as 10m");
  reserve->add_option("--tag", hold->tags, "key=value, repeatable")
      ->allow_extra_args(false);
  reserve->add_option("--on-expiry", hold->on_expiry, "release or settle-held");
  reserve->add_flag("--validate-only", hold->validate_only, "hold nothing");

  auto record = std::make_shared<HoldFlags>();
  CLI::App* usage = session.AddCommand(
      app, "record-usage", "Record usage that had no hold",
      [&session, record] { return RecordUsage(session, *record); });
  usage->add_option("allocations", record->allocations, "1 to 8 of one root")
      ->required();
  AddUseFlags(*usage, *record);
  usage->add_option("--id", record->id, "UUID (default: a new one)");
  usage->add_option("--tag", record->tags, "key=value, repeatable")
      ->allow_extra_args(false);
}

void AddChanging(CLI::App& app, Session& session) {
  auto change = std::make_shared<HoldFlags>();
  CLI::App* adjust = session.AddCommand(
      app, "adjust-reservation", "Set what is held, or for how long",
      [&session, change] { return Adjust(session, *change); });
  AddIdAndRoot(*adjust, *change);
  change->amounts.Add(*adjust);
  adjust->add_option("--ttl", change->ttl, "from now, such as 10m");

  auto report = std::make_shared<HoldFlags>();
  CLI::App* settle = session.AddCommand(
      app, "settle", "Report the usage of the whole call",
      [&session, report] { return Settle(session, *report); });
  AddIdAndRoot(*settle, *report);
  AddUseFlags(*settle, *report);
  settle->add_flag("--partial", report->partial, "usage so far; keeps the rest held");

  auto free = std::make_shared<HoldFlags>();
  CLI::App* release =
      session.AddCommand(app, "release", "Free the hold of a call never sent",
                         [&session, free] { return Release(session, *free); });
  AddIdAndRoot(*release, *free);
}

}  // namespace

void AddReservationCommands(CLI::App& app, Session& session) {
  AddMaking(app, session);
  AddChanging(app, session);
  CLI::App* group = app.add_subcommand("reservations", "Holds and what became of them");
  group->require_subcommand(1);
  group->fallthrough();

  auto find = std::make_shared<HoldFlags>();
  CLI::App* list = session.AddCommand(
      *group, "list", "Newest first", [&session, find] { return List(session, *find); });
  list->add_option("allocation", find->root, "this one and those below it")->required();
  list->add_option("--state", find->state, "open, settled, released or expired");
  list->add_option("--max", find->max, "how many")->capture_default_str();

  auto one = std::make_shared<HoldFlags>();
  CLI::App* get = session.AddCommand(*group, "get", "Show one",
                                     [&session, one] { return Get(session, *one); });
  AddIdAndRoot(*get, *one);
}

}  // namespace budget
