#include "deploy/replay/chart.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "client/ctl/amount_text.h"

namespace budget::replay {
namespace {

constexpr double kWidth = 960;
constexpr double kPanelHeight = 190;
constexpr double kPanelGap = 62;
constexpr double kLeft = 88;
constexpr double kRight = 24;
constexpr double kTop = 116;
constexpr double kBottom = 40;
constexpr double kPlotWidth = kWidth - kLeft - kRight;
constexpr int kColumns = 400;  // points are thinned to this many

constexpr char kStyle[] =
    "<style>text{font-family:system-ui,'DejaVu Sans',sans-serif;font-size:12px;"
    "fill:#3a4350}.title{font-size:20px;font-weight:600;fill:#18202b}"
    ".panel{font-size:14px;font-weight:600;fill:#18202b}.note{fill:#687385}"
    ".grid{stroke:#e6e9ee}.axis{stroke:#9aa3b0}"
    ".spent{fill:#2f6fb3;fill-opacity:.85}"
    ".held{fill:#f0a53a;fill-opacity:.85}"
    ".cap{stroke:#c62f3b;stroke-width:1.5;stroke-dasharray:6 4}"
    ".mark{stroke:#5b3f8c;stroke-width:1;stroke-dasharray:2 3}"
    ".marktext{fill:#5b3f8c}</style>";

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

struct Range {
  absl::Time from;
  absl::Time to;
  double X(absl::Time time) const {
    return kLeft + kPlotWidth * std::clamp(absl::FDivDuration(time - from, to - from),
                                           0.0, 1.0);
  }
};

// The last point of each column: a step curve that stays small.
std::vector<SeriesPoint> Thin(const std::vector<SeriesPoint>& points,
                              const Range& range) {
  std::vector<SeriesPoint> thin;
  int last_column = -1;
  for (const SeriesPoint& point : points) {
    const int column = static_cast<int>((range.X(point.time) - kLeft) /
                                        kPlotWidth * kColumns);
    if (column != last_column) thin.push_back(point);
    thin.back() = point;
    last_column = column;
  }
  return thin;
}

// The next "round" number: 1, 2, 2.5 or 5 times a power of ten.
double RoundStep(double rough) {
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    if (factor * power >= rough * 0.999) return factor * power;
  }
  return 10 * power;
}

class Panel {
 public:
  Panel(const LimitSeries& series, const Range& range, double top)
      : series_(series), range_(range), top_(top) {
    top_value_ = static_cast<double>(std::max<int64_t>(
        {series.peak, series.cap == INT64_MAX ? 0 : series.cap, 1}));
    top_value_ *= 1.08;
  }

  void Draw(std::string& svg) const {
    Heading(svg);
    Grid(svg);
    const auto points = Thin(series_.points, range_);
    Area(svg, points, "held", [](const SeriesPoint& p) { return p.spent + p.reserved; });
    Area(svg, points, "spent", [](const SeriesPoint& p) { return p.spent; });
    CapLine(svg);
  }

 private:
  double Y(double value) const {
    return top_ + kPanelHeight * (1 - value / top_value_);
  }

  void Heading(std::string& svg) const {
    absl::StrAppendFormat(
        &svg, "<text class='panel' x='%g' y='%g'>%s</text>", kLeft, top_ - 12,
        Escape(absl::StrCat(series_.allocation, " · ", series_.limit)));
    std::string note = absl::StrCat(
        UnitWord(series_.unit), " per ", series_.window, " · peak ",
        FormatAmount(series_.unit, series_.peak));
    if (series_.overage > 0) {
      absl::StrAppend(&note, " · overage ",
                      FormatAmount(series_.unit, series_.overage));
    }
    absl::StrAppendFormat(
        &svg, "<text class='note' x='%g' y='%g' text-anchor='end'>%s</text>",
        kWidth - kRight, top_ - 12, Escape(note));
  }

  void Grid(std::string& svg) const {
    const double step = RoundStep(top_value_ / 4);
    for (double value = 0; value <= top_value_; value += step) {
      absl::StrAppendFormat(
          &svg,
          "<line class='grid' x1='%g' x2='%g' y1='%.1f' y2='%.1f'/>"
          "<text x='%g' y='%.1f' text-anchor='end'>%s</text>",
          kLeft, kWidth - kRight, Y(value), Y(value), kLeft - 8, Y(value) + 4,
          Escape(ShortAmount(series_.unit, std::llround(value))));
    }
    absl::StrAppendFormat(
        &svg, "<line class='axis' x1='%g' x2='%g' y1='%.1f' y2='%.1f'/>", kLeft,
        kWidth - kRight, Y(0), Y(0));
  }

  template <typename Value>
  void Area(std::string& svg, const std::vector<SeriesPoint>& points,
            const char* style, Value value) const {
    absl::StrAppendFormat(&svg, "<path class='%s' d='M%.1f %.1f", style,
                          range_.X(points.front().time), Y(0));
    double y = Y(0);
    for (const SeriesPoint& point : points) {
      absl::StrAppendFormat(&svg, "H%.1f", range_.X(point.time));
      y = Y(static_cast<double>(value(point)));
      absl::StrAppendFormat(&svg, "V%.1f", y);
    }
    absl::StrAppendFormat(&svg, "H%.1fV%.1fZ'/>", range_.X(range_.to), Y(0));
  }

  void CapLine(std::string& svg) const {
    if (series_.cap == INT64_MAX) return;
    const double y = Y(static_cast<double>(series_.cap));
    absl::StrAppendFormat(
        &svg,
        "<line class='cap' x1='%g' x2='%g' y1='%.1f' y2='%.1f'/>"
        "<text x='%g' y='%.1f' style='fill:#c62f3b'>cap %s</text>",
        kLeft, kWidth - kRight, y, y, kLeft + 6, y - 5,
        Escape(FormatAmount(series_.unit, series_.cap)));
  }

  const LimitSeries& series_;
  const Range& range_;
  double top_;
  double top_value_;
};

void DrawTimeAxis(std::string& svg, const Range& range, double y) {
  const double seconds = absl::ToDoubleSeconds(range.to - range.from);
  const double step = RoundStep(seconds / 8);
  for (double at = 0; at <= seconds; at += step) {
    absl::StrAppendFormat(
        &svg, "<text x='%.1f' y='%g' text-anchor='middle'>%g s</text>",
        range.X(range.from + absl::Seconds(at)), y, at);
  }
}

void DrawMarks(std::string& svg, const Range& range, double bottom,
               const std::vector<ChartMark>& marks) {
  for (const ChartMark& mark : marks) {
    const double x = range.X(mark.time);
    absl::StrAppendFormat(
        &svg,
        "<line class='mark' x1='%.1f' x2='%.1f' y1='%g' y2='%g'/>"
        "<text class='marktext' x='%.1f' y='%g' text-anchor='middle'>%s</text>",
        x, x, kTop - 30, bottom, x, kTop - 36, Escape(mark.label));
  }
}

void DrawLegend(std::string& svg) {
  double x = kLeft;
  for (const auto& [style, label] :
       {std::pair("spent", "spent"), std::pair("held", "reserved (on top)")}) {
    absl::StrAppendFormat(
        &svg, "<rect class='%s' x='%g' y='46' width='14' height='10'/>"
        "<text x='%g' y='55'>%s</text>", style, x, x + 20, label);
    x += 90;
  }
  absl::StrAppendFormat(
      &svg, "<line class='cap' x1='%g' x2='%g' y1='51' y2='51'/>"
      "<text x='%g' y='55'>cap</text>", x + 50, x + 78, x + 84);
}

Range RangeOf(const std::vector<const LimitSeries*>& shown) {
  Range range{absl::InfiniteFuture(), absl::InfinitePast()};
  for (const LimitSeries* series : shown) {
    range.from = std::min(range.from, series->points.front().time);
    range.to = std::max(range.to, series->points.back().time);
  }
  range.to = std::max(range.to, range.from + absl::Milliseconds(1));
  return range;
}

}  // namespace

std::string DrawChart(const std::string& title,
                      const std::vector<LimitSeries>& limits,
                      const std::vector<ChartMark>& marks) {
  std::vector<const LimitSeries*> shown;
  for (const LimitSeries& series : limits) {
    if (!series.points.empty()) shown.push_back(&series);
  }
  const double bottom =
      kTop + static_cast<double>(shown.size()) * (kPanelHeight + kPanelGap) -
      kPanelGap;
  const double height = std::max(bottom, kTop) + kBottom;
  std::string svg = absl::StrFormat(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %g %g' width='%g' "
      "height='%g' role='img'>%s<rect width='100%%' height='100%%' "
      "fill='#fff'/><text class='title' x='%g' y='32'>%s</text>",
      kWidth, height, kWidth, height, kStyle, kLeft, Escape(title));
  DrawLegend(svg);
  if (!shown.empty()) {
    const Range range = RangeOf(shown);
    double top = kTop;
    for (const LimitSeries* series : shown) {
      Panel(*series, range, top).Draw(svg);
      top += kPanelHeight + kPanelGap;
    }
    DrawMarks(svg, range, bottom, marks);
    DrawTimeAxis(svg, range, bottom + 20);
  }
  svg += "</svg>\n";
  return svg;
}

}  // namespace budget::replay
