#include <unistd.h>

#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/ctl/amount_text.h"
#include "client/ctl/ledger_file.h"
#include "client/ctl/session.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

struct ReadFlags {
  std::string allocation;
  std::string interval = "1s";
  std::string reservation;
  std::string out;
  int64_t after = 0;
  int max = 100;
  int count = 0;
};

absl::Status Remaining(Session& session, const ReadFlags& flags) {
  v1::QueryRemainingRequest request;
  request.set_allocation(flags.allocation);
  return session.Show(session.client().QueryRemaining(request, session.options()),
                      [&](const v1::QueryRemainingResponse& answer) {
                        return RenderRemaining(answer, session.zone());
                      });
}

absl::Status Watch(Session& session, const ReadFlags& flags) {
  const auto interval = ParseDurationText(flags.interval);
  if (!interval.ok()) return interval.status();
  v1::WatchRemainingRequest request;
  request.set_allocation(flags.allocation);
  const int64_t ms = absl::ToInt64Milliseconds(*interval);
  request.mutable_min_interval()->set_seconds(ms / 1000);
  request.mutable_min_interval()->set_nanos(static_cast<int32_t>(ms % 1000) *
                                            1'000'000);
  // On a terminal each message takes the place of the last one.
  const bool in_place = isatty(STDOUT_FILENO) && !session.json();
  int seen = 0;
  return session.client().Watch(
      request,
      [&](const v1::QueryRemainingResponse& remaining) {
        if (in_place) std::cout << "\x1b[H\x1b[2J";
        session.Print(remaining, RenderRemaining(remaining, session.zone()));
        return flags.count == 0 || ++seen < flags.count;
      },
      {}, session.options());
}

v1::ListLedgerEntriesRequest LedgerRequest(const ReadFlags& flags) {
  v1::ListLedgerEntriesRequest request;
  request.set_root(flags.allocation);
  request.set_after_sequence(flags.after);
  request.set_reservation_id(flags.reservation);
  return request;
}

// Page by page, for a ledger may be larger than memory.
absl::Status ExportLedger(Session& session, const ReadFlags& flags) {
  v1::ListLedgerEntriesRequest request = LedgerRequest(flags);
  request.set_page_size(1000);
  LineWriter file(flags.out);
  do {
    const auto page =
        session.client().ListLedgerEntries(request, session.options());
    if (!page.ok()) return page.status();
    for (const v1::LedgerEntry& entry : page->entries()) {
      file.Write(LedgerLine(entry));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return file.Finish();
}

absl::Status Ledger(Session& session, const ReadFlags& flags) {
  if (!flags.out.empty()) return ExportLedger(session, flags);
  v1::ListLedgerEntriesRequest request = LedgerRequest(flags);
  request.set_page_size(std::min(1000, flags.max));
  v1::ListLedgerEntriesResponse all;
  while (all.entries_size() < flags.max) {
    const auto page = session.client().ListLedgerEntries(request, session.options());
    if (!page.ok()) return page.status();
    all.mutable_entries()->MergeFrom(page->entries());
    all.set_next_page_token(page->next_page_token());
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  KeepFirst(flags.max, all.mutable_entries());
  session.Print(all, RenderLedger({all.entries().begin(), all.entries().end()},
                                  session.zone()));
  return absl::OkStatus();
}

absl::Status Denials(Session& session, const ReadFlags& flags) {
  v1::ListDenialsRequest request;
  request.set_allocation(flags.allocation);
  request.set_page_size(std::min(1000, flags.max));
  v1::ListDenialsResponse all;
  while (all.denials_size() < flags.max) {
    const auto page = session.client().ListDenials(request, session.options());
    if (!page.ok()) return page.status();
    all.mutable_denials()->MergeFrom(page->denials());
    all.set_next_page_token(page->next_page_token());
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  KeepFirst(flags.max, all.mutable_denials());
  session.Print(all, RenderDenials({all.denials().begin(), all.denials().end()},
                                   session.zone()));
  return absl::OkStatus();
}

}  // namespace

void AddReadCommands(CLI::App& app, Session& session) {
  auto now = std::make_shared<ReadFlags>();
  session
      .AddCommand(app, "remaining", "What is left, along the whole chain",
                  [&session, now] { return Remaining(session, *now); })
      ->add_option("allocation", now->allocation)->required();

  auto live = std::make_shared<ReadFlags>();
  CLI::App* watch =
      session.AddCommand(app, "watch", "The same, refreshed as it changes",
                         [&session, live] { return Watch(session, *live); });
  watch->add_option("allocation", live->allocation)->required();
  watch->add_option("--interval", live->interval, "least time between two")
      ->capture_default_str();
  watch->add_option("--count", live->count, "end after so many (default: never)");

  auto book = std::make_shared<ReadFlags>();
  CLI::App* ledger =
      session.AddCommand(app, "ledger", "The entries of a root in order",
                         [&session, book] { return Ledger(session, *book); });
  ledger->add_option("root", book->allocation)->required();
  ledger->add_option("--after", book->after, "entries after this number");
  ledger->add_option("--reservation", book->reservation, "only of this one");
  CLI::Option* max = ledger->add_option("--max", book->max, "how many");
  max->capture_default_str();
  ledger
      ->add_option("--out", book->out,
                   "write all of them to this file, a JSON object a line")
      ->excludes(max);

  auto no = std::make_shared<ReadFlags>();
  CLI::App* denials =
      session.AddCommand(app, "denials", "What was denied, per limit and day",
                         [&session, no] { return Denials(session, *no); });
  denials->add_option("allocation", no->allocation, "this one and those below it")
      ->required();
  denials->add_option("--max", no->max, "how many")->capture_default_str();
}

}  // namespace budget
