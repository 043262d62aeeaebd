#include "query/time_span.h"

#include <algorithm>
#include <array>

namespace logq {
namespace {

struct Unit {
  std::string_view name;
  uint64_t us;
};

constexpr uint64_t kSecondUs = 1'000'000;
constexpr uint64_t kMinuteUs = 60 * kSecondUs;
constexpr uint64_t kHourUs = 60 * kMinuteUs;
constexpr uint64_t kDayUs = 24 * kHourUs;
constexpr uint64_t kMonthUs = 2'629'800 * kSecondUs;
constexpr uint64_t kYearUs = 31'557'600 * kSecondUs;

// Upper and lower case differ: M is a month, m a minute.
constexpr auto kUnits = std::to_array<Unit>({
    {"us", 1},
    {"usec", 1},
    {"\u00b5s", 1},
    {"\u03bcs", 1},
    {"ms", 1000},
    {"msec", 1000},
    {"s", kSecondUs},
    {"sec", kSecondUs},
    {"secs", kSecondUs},
    {"second", kSecondUs},
    {"seconds", kSecondUs},
    {"m", kMinuteUs},
    {"min", kMinuteUs},
    {"mins", kMinuteUs},
    {"minute", kMinuteUs},
    {"minutes", kMinuteUs},
    {"h", kHourUs},
    {"hr", kHourUs},
    {"hrs", kHourUs},
    {"hour", kHourUs},
    {"hours", kHourUs},
    {"d", kDayUs},
    {"day", kDayUs},
    {"days", kDayUs},
    {"w", 7 * kDayUs},
    {"week", 7 * kDayUs},
    {"weeks", 7 * kDayUs},
    {"M", kMonthUs},
    {"month", kMonthUs},
    {"months", kMonthUs},
    {"y", kYearUs},
    {"year", kYearUs},
    {"years", kYearUs},
});

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void skip_blanks(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

// Cuts the longest front part of `text` whose characters satisfy `belongs`.
template <class Belongs>
std::string_view take_while(std::string_view& text, Belongs belongs) {
  size_t length = 0;
  while (length < text.size() && belongs(text[length])) ++length;
  const auto taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

std::optional<uint64_t> unit_us(std::string_view name, BareNumber bare) {
  if (name.empty()) {
    if (bare == BareNumber::kSeconds) return kSecondUs;
    return std::nullopt;
  }
  const auto* const found =
      std::find_if(kUnits.begin(), kUnits.end(),
                   [name](const Unit& unit) { return unit.name == name; });
  if (found == kUnits.end()) return std::nullopt;
  return found->us;
}

}  // namespace

std::optional<uint64_t> parse_span(std::string_view text, BareNumber bare) {
  long double total_us = 0;
  skip_blanks(text);
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto whole = take_while(text, is_digit);
    std::string_view fraction;
    if (!text.empty() && text.front() == '.') {
      text.remove_prefix(1);
      fraction = take_while(text, is_digit);
    }
    if (whole.empty() && fraction.empty()) return std::nullopt;
    skip_blanks(text);
    const auto name = take_while(
        text, [](char c) { return !is_digit(c) && c != ' ' && c != '.'; });
    const auto us = unit_us(name, bare);
    if (!us) return std::nullopt;
    long double count = 0;
    for (const char c : whole) count = count * 10 + (c - '0');
    long double scale = 1;
    for (const char c : fraction) count += (scale /= 10) * (c - '0');
    total_us += count * static_cast<long double>(*us);
    skip_blanks(text);
  }
  const auto most = static_cast<long double>(kSpanUsMax);
  return static_cast<uint64_t>(std::min(total_us, most) + 0.5L);
}

}  // namespace logq
