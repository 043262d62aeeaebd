#include "logd/config_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace logd {
namespace {

using logfmt::ErrorCode;
using std::chrono::microseconds;

constexpr size_t kNameBytesMax = 64;  // longer words resemble no name of ours

struct SpanUnit {
  std::string_view name;
  uint64_t us;
};

constexpr uint64_t kSecondUs = 1'000'000;
constexpr uint64_t kDayUs = 86'400 * kSecondUs;
constexpr uint64_t kMonthUs = 2'629'800 * kSecondUs;  // 30.4375 days
constexpr uint64_t kYearUs = 12 * kMonthUs;           // 365.25 days

constexpr SpanUnit kSpanUnits[] = {
    {"us", 1},
    {"usec", 1},
    {"µs", 1},
    {"ms", 1'000},
    {"msec", 1'000},
    {"", kSecondUs},
    {"s", kSecondUs},
    {"sec", kSecondUs},
    {"second", kSecondUs},
    {"seconds", kSecondUs},
    {"m", 60 * kSecondUs},
    {"min", 60 * kSecondUs},
    {"minute", 60 * kSecondUs},
    {"minutes", 60 * kSecondUs},
    {"h", 3'600 * kSecondUs},
    {"hr", 3'600 * kSecondUs},
    {"hour", 3'600 * kSecondUs},
    {"hours", 3'600 * kSecondUs},
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
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void skip_spaces(std::string_view* text) {
  while (text->starts_with(' ')) text->remove_prefix(1);
}

// The number at the start of the text; nothing when there is none, or one
// that 64 bits cannot hold.
std::optional<uint64_t> take_number(std::string_view* text) {
  uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc()) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  skip_spaces(text);
  return number;
}

std::string_view take_unit(std::string_view* text) {
  const auto is_end = [](char c) { return is_digit(c) || c == ' '; };
  const auto end = std::find_if(text->begin(), text->end(), is_end);
  const auto unit = text->substr(0, static_cast<size_t>(end - text->begin()));
  text->remove_prefix(unit.size());
  skip_spaces(text);
  return unit;
}

std::optional<uint64_t> size_unit_bytes(std::string_view unit) {
  if (unit.empty() || unit == "B") return 1;
  const auto suffix = unit.substr(1);
  if (!suffix.empty() && suffix != "B" && suffix != "iB") return std::nullopt;
  constexpr std::string_view kLetters = "KMGTkmgt";
  const auto power = kLetters.find(unit[0]);
  if (power == kLetters.npos) return std::nullopt;
  return uint64_t{1} << (10 * (power % 4 + 1));
}

// How many single-character edits turn one word into the other.
size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 0; i < from.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < to.size(); ++j) {
      const size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

uint64_t SizeLimit::bytes_of(uint64_t filesystem_bytes) const {
  if (percent == 0) return bytes;
  const uint64_t share = filesystem_bytes / 100 * percent;
  return std::min(share, share_bytes_max);
}

logfmt::Result<uint64_t> parse_bytes(std::string_view text) {
  auto rest = text;
  const auto number = take_number(&rest);
  const auto unit = size_unit_bytes(rest);
  uint64_t bytes = 0;
  if (!number || !unit || __builtin_mul_overflow(*number, *unit, &bytes)) {
    return logfmt::fail(
        ErrorCode::kInvalidArgument,
        fmt::format("\"{}\" is not a size; expected a whole number with an "
                    "optional unit, such as \"48K\" or \"50MB\"",
                    text));
  }
  return bytes;
}

logfmt::Result<SizeLimit> parse_size_limit(std::string_view text) {
  auto rest = text;
  if (const auto percent = take_number(&rest); percent && rest == "%") {
    if (*percent >= 1 && *percent <= 100)
      return SizeLimit{.percent = static_cast<uint32_t>(*percent)};
    return logfmt::fail(
        ErrorCode::kInvalidArgument,
        fmt::format("\"{}\" is not a share; expected \"1%\" to \"100%\"",
                    text));
  }
  const auto bytes = parse_bytes(text);
  if (bytes) return SizeLimit{.bytes = *bytes};
  return logfmt::fail(
      ErrorCode::kInvalidArgument,
      fmt::format("\"{}\" is neither a size nor a share of the disk; expected "
                  "something like \"500MB\", \"2G\" or \"10%\"",
                  text));
}

logfmt::Result<microseconds> parse_span(std::string_view text) {
  const auto bad = [text] {
    return logfmt::fail(
        ErrorCode::kInvalidArgument,
        fmt::format("\"{}\" is not a span of time; expected something like "
                    "\"30s\", \"1h30m\" or \"90d\"",
                    text));
  };
  auto rest = text;
  int64_t total_us = 0;
  skip_spaces(&rest);
  do {
    const auto number = take_number(&rest);
    const auto unit = take_unit(&rest);
    const auto* known = std::ranges::find(kSpanUnits, unit, &SpanUnit::name);
    int64_t us = 0;
    if (!number || known == std::end(kSpanUnits) ||
        __builtin_mul_overflow(*number, known->us, &us) ||
        __builtin_add_overflow(total_us, us, &total_us))
      return bad();
  } while (!rest.empty());
  return microseconds(total_us);
}

std::string_view closest_name(std::string_view word,
                              std::span<const std::string_view> known) {
  if (word.size() > kNameBytesMax) return "";
  std::string_view best;
  size_t best_distance = 3;  // three edits or more are another word
  for (const auto name : known) {
    const size_t distance = edit_distance(word, name);
    if (distance < best_distance && distance < name.size()) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace logd
