#include "logd/run/span.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>

namespace logrun {
namespace {

using std::chrono::microseconds;

struct Unit {
  std::string_view name;
  int64_t us;
};

constexpr std::array kUnits = {
    Unit{"us", 1},          Unit{"ms", 1000},      Unit{"s", 1000000},
    Unit{"sec", 1000000},   Unit{"", 1000000},     Unit{"m", 60000000},
    Unit{"min", 60000000},  Unit{"h", 3600000000}, Unit{"hr", 3600000000},
    Unit{"d", 86400000000},
};

std::string_view take_blanks(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first);
}

tl::unexpected<logfmt::Error> bad_span(std::string_view text) {
  return logfmt::fail(
      logfmt::ErrorCode::kInvalidArgument,
      fmt::format("\"{}\" is not a span of time; expected a number of seconds "
                  "or a form such as 500ms, 10s, 5m, 1h30m, up to {} days",
                  text, std::chrono::hours(kSpanMax).count() / 24));
}

// Takes one "12.5min" from the front of `rest`; negative where there is none.
double take_part(std::string_view& rest) {
  double number = 0;
  const char* const end = rest.data() + rest.size();
  const auto [after, error] =
      std::from_chars(rest.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) return -1;
  rest = take_blanks(rest.substr(static_cast<size_t>(after - rest.data())));
  const std::string_view name =
      rest.substr(0, rest.find_first_of(" .0123456789"));
  rest = take_blanks(rest.substr(name.size()));
  if (name.empty() && !rest.empty()) return -1;
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return number * static_cast<double>(unit.us);
  }
  return -1;
}

}  // namespace

logfmt::Result<std::chrono::milliseconds> parse_span(std::string_view text) {
  const double us_max = static_cast<double>(microseconds(kSpanMax).count());
  std::string_view rest = take_blanks(text);
  double us = 0;
  do {
    const double part = take_part(rest);
    if (part < 0 || part > us_max) return bad_span(text);
    us += part;
  } while (!rest.empty());
  if (us > us_max) return bad_span(text);
  return std::chrono::round<std::chrono::milliseconds>(
      std::chrono::duration<double, std::micro>(us));
}

std::string span_text(microseconds span) {
  if (span < std::chrono::seconds(1)) {
    return fmt::format("{} ms", span.count() / 1000);
  }
  const int64_t tenths = span.count() / 100000;
  if (tenths < 600) {
    return tenths % 10 == 0 ? fmt::format("{} s", tenths / 10)
                            : fmt::format("{}.{} s", tenths / 10, tenths % 10);
  }
  const int64_t s = tenths / 10;
  if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
  return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
}

}  // namespace logrun
