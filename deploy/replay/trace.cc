#include "deploy/replay/trace.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <istream>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace budget::replay {
namespace {

constexpr int64_t kTokensMax = 100'000'000;
constexpr char kHeaderRemedy[] =
    "the first line must name the columns: TIMESTAMP,ContextTokens,"
    "GeneratedTokens or Timestamp,Model,Request tokens,Response tokens";

// Where the columns are; model may be absent.
struct Columns {
  size_t time = 0;
  size_t prompt = 0;
  size_t generated = 0;
  std::optional<size_t> model;
};

// Lower case without blanks, underscores and dashes: "Request tokens" and
// "request_tokens" are the same name.
std::string Canonical(absl::string_view name) {
  std::string result;
  for (const char c : name) {
    if (absl::ascii_isalnum(c)) result.push_back(absl::ascii_tolower(c));
  }
  return result;
}

std::optional<size_t> Find(const std::vector<std::string>& header,
                           std::initializer_list<absl::string_view> names) {
  for (size_t i = 0; i < header.size(); ++i) {
    for (const absl::string_view name : names) {
      if (Canonical(header[i]) == name) return i;
    }
  }
  return std::nullopt;
}

absl::StatusOr<Columns> ColumnsOf(absl::string_view line) {
  const auto header = SplitCsvLine(line);
  if (!header.ok()) return header.status();
  const auto time = Find(*header, {"timestamp"});
  const auto prompt = Find(*header, {"contexttokens", "requesttokens"});
  const auto generated = Find(*header, {"generatedtokens", "responsetokens"});
  if (!time || !prompt || !generated) {
    return absl::InvalidArgumentError(kHeaderRemedy);
  }
  return Columns{*time, *prompt, *generated, Find(*header, {"model"})};
}

// Azure writes a date and time, BurstGPT seconds.
absl::StatusOr<absl::Time> ParseTimestamp(absl::string_view text) {
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds) && std::isfinite(seconds) &&
      std::abs(seconds) < 1e12) {
    return absl::UnixEpoch() + absl::Seconds(seconds);
  }
  for (const char* format :
       {"%Y-%m-%d %H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%E*S",
        "%Y-%m-%dT%H:%M:%E*S%Ez"}) {
    absl::Time time;
    std::string error;
    // Abseil also reads "infinite-future", from which nothing is a while away.
    if (absl::ParseTime(format, text, &time, &error) &&
        time != absl::InfiniteFuture() && time != absl::InfinitePast()) {
      return time;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the time \"", text,
      "\" is neither seconds nor like 2023-11-16 18:15:46.68: correct it"));
}

absl::StatusOr<int64_t> ParseTokens(absl::string_view column,
                                    absl::string_view text) {
  // Some exports write whole numbers as 374.0.
  absl::ConsumeSuffix(&text, ".0");
  int64_t tokens = 0;
  if (!absl::SimpleAtoi(text, &tokens) || tokens < 0 || tokens > kTokensMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(column, " \"", text, "\" is not a whole number from 0 to ",
                     kTokensMax, ": correct it"));
  }
  return tokens;
}

struct TimedCall {
  absl::Time time;
  TraceCall call;
};

absl::StatusOr<TimedCall> ParseCall(const Columns& columns,
                                    absl::string_view line) {
  const auto fields = SplitCsvLine(line);
  if (!fields.ok()) return fields.status();
  const size_t needed = std::max({columns.time, columns.prompt,
                                  columns.generated,
                                  columns.model.value_or(0)});
  if (fields->size() <= needed) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", fields->size(), " fields where the header has ",
                     "at least ", needed + 1, ": complete the line"));
  }
  const auto field = [&](size_t column) {
    return absl::StripAsciiWhitespace((*fields)[column]);
  };
  const auto time = ParseTimestamp(field(columns.time));
  if (!time.ok()) return time.status();
  const auto prompt = ParseTokens("prompt tokens", field(columns.prompt));
  if (!prompt.ok()) return prompt.status();
  const auto generated =
      ParseTokens("generated tokens", field(columns.generated));
  if (!generated.ok()) return generated.status();
  const absl::string_view model =
      columns.model ? field(*columns.model) : absl::string_view();
  return TimedCall{*time,
                   {absl::ZeroDuration(),
                    model.empty() ? "conversation" : std::string(model),
                    *prompt, *generated}};
}

// Reads a line of either ending; false at the end.
bool ReadLine(std::istream& input, std::string* line) {
  if (!std::getline(input, *line)) return false;
  if (!line->empty() && line->back() == '\r') line->pop_back();
  return true;
}

absl::Status CheckReadable(const Trace& trace) {
  if (trace.bad_lines.empty()) {
    if (!trace.calls.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        trace.name, " has a header but no calls: add at least one line"));
  }
  if (trace.bad_lines.size() * 10 <= trace.calls.size()) return absl::OkStatus();
  const BadLine& first = trace.bad_lines.front();
  return absl::InvalidArgumentError(absl::StrCat(
      trace.name, ":", first.line, ": ", first.problem, " (",
      trace.bad_lines.size(), " lines cannot be read, ", trace.calls.size(),
      " can)"));
}

void SortByTime(std::vector<TimedCall> timed, Trace* trace) {
  std::stable_sort(
      timed.begin(), timed.end(),
      [](const TimedCall& a, const TimedCall& b) { return a.time < b.time; });
  for (TimedCall& call : timed) {
    call.call.at = call.time - timed.front().time;
    trace->calls.push_back(std::move(call.call));
  }
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SplitCsvLine(absl::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back().push_back('"');
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  if (quoted) return absl::InvalidArgumentError("a quote is not closed: add \"");
  return fields;
}

absl::StatusOr<Trace> ReadTrace(std::istream& input, absl::string_view name,
                                const TraceOptions& options) {
  Trace trace;
  trace.name = std::string(name);
  std::string line;
  int64_t number = 1;
  if (!ReadLine(input, &line)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is empty: ", kHeaderRemedy));
  }
  absl::string_view header = line;
  absl::ConsumePrefix(&header, "\xEF\xBB\xBF");
  const auto columns = ColumnsOf(header);
  if (!columns.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ":1: ", columns.status().message()));
  }
  std::vector<TimedCall> timed;
  while (timed.size() < options.calls_max && ReadLine(input, &line)) {
    ++number;
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    auto call = ParseCall(*columns, line);
    if (call.ok()) {
      timed.push_back(*std::move(call));
    } else {
      trace.bad_lines.push_back({number, std::string(call.status().message())});
    }
  }
  SortByTime(std::move(timed), &trace);
  if (absl::Status status = CheckReadable(trace); !status.ok()) return status;
  return trace;
}

absl::StatusOr<Trace> ReadTraceFile(const std::string& path,
                                    const TraceOptions& options) {
  std::ifstream input(path, std::ios::binary);
  if (!input) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ",
                                            std::strerror(errno),
                                            "; --trace names a CSV file"));
  }
  return ReadTrace(input, path, options);
}

Trace MakeTrace(uint64_t seed, size_t calls) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> prompt(6.4, 0.9);
  std::lognormal_distribution<double> generated(5.1, 0.8);
  std::exponential_distribution<double> gap(1.0);
  const std::vector<std::string> models = {"large", "small"};
  Trace trace;
  trace.name = absl::StrCat("made up from seed ", seed);
  double at = 0;
  for (size_t i = 0; i < calls; ++i) {
    // Load swells and ebbs four times in the hour.
    const double swell =
        1.0 + 0.7 * std::sin(8.0 * M_PI * static_cast<double>(i) / calls);
    at += gap(random) / swell * 3600.0 / static_cast<double>(calls);
    const auto draw = [&random](auto& tokens) {
      return std::clamp<int64_t>(std::llround(tokens(random)), 1, 8'000);
    };
    trace.calls.push_back({absl::Seconds(at), models[random() % 4 == 0 ? 0 : 1],
                           draw(prompt), draw(generated)});
  }
  return trace;
}

}  // namespace budget::replay
