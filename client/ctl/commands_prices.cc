#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/ctl/price_file.h"
#include "client/ctl/session.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

struct PriceFlags {
  std::string root;
  std::string file;
  int64_t version = 0;
  int64_t replaces = -1;
};

absl::Status Set(Session& session, const PriceFlags& flags) {
  std::ifstream file(flags.file);
  if (!file) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", flags.file));
  }
  const std::string json((std::istreambuf_iterator<char>(file)), {});
  auto request = ParsePriceFile(json);
  if (!request.ok()) return request.status();
  request->set_root(flags.root);
  request->set_replaces_version(flags.replaces);
  if (flags.replaces < 0) {
    v1::GetPricesRequest get;
    get.set_root(flags.root);
    const auto current = session.client().GetPrices(get, session.options());
    if (!current.ok()) return current.status();
    request->set_replaces_version(current->version());
  }
  return session.Show(session.client().SetPrices(*request, session.options()),
                      [](const v1::SetPricesResponse& answer) {
                        return absl::StrCat("version ", answer.version(), "\n");
                      });
}

absl::Status Get(Session& session, const PriceFlags& flags) {
  v1::GetPricesRequest request;
  request.set_root(flags.root);
  request.set_version(flags.version);
  return session.Show(session.client().GetPrices(request, session.options()),
                      RenderPrices);
}

}  // namespace

void AddPriceCommands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("prices", "The price table of a root");
  group->require_subcommand(1);
  group->fallthrough();

  auto next = std::make_shared<PriceFlags>();
  CLI::App* set = session.AddCommand(
      *group, "set", "Replace the table by a new version",
      [&session, next] { return Set(session, *next); });
  set->add_option("root", next->root)->required();
  set->add_option("file", next->file,
                  "JSON: {\"model\": {\"input_tokens\": \"$2.50\"}}, per million")
      ->required();
  set->add_option("--replaces", next->replaces,
                  "refuse if the version in force is another");

  auto read = std::make_shared<PriceFlags>();
  CLI::App* get =
      session.AddCommand(*group, "get", "Show the table",
                         [&session, read] { return Get(session, *read); });
  get->add_option("root", read->root)->required();
  get->add_option("--version", read->version, "default: the one in force");
}

}  // namespace budget
