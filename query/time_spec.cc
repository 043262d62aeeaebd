#include "query/time_spec.h"

#include <algorithm>
#include <string>

#include "query/calendar_time.h"
#include "query/time_span.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Result;

constexpr size_t kTimeBytesMax = 128;
constexpr uint64_t kSecondUs = 1'000'000;

// A number of this many digits is a count since the epoch without its "@", as
// -o short-unix and -o json print it; a shorter one needs its unit.
constexpr size_t kEpochDigitsMin = 9;
constexpr size_t kEpochMicrosecondDigitsMin = 15;

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

tl::unexpected<logfmt::Error> refuse(std::string_view text,
                                     const std::string& reason) {
  std::string detail = "cannot read \"" + std::string(text) + "\" as a time";
  if (!reason.empty()) detail += " (" + reason + ")";
  detail +=
      "; try 1h, \"10 min ago\", today, \"yesterday 12:00\", "
      "\"2026-11-22 05:00\", \"Nov 22 05:00:00\" or @1795326238";
  return fail(ErrorCode::kInvalidArgument, std::move(detail));
}

size_t digits_before_point(std::string_view text) {
  const size_t digits =
      std::min(text.find_first_not_of("0123456789"), text.size());
  const auto rest = text.substr(digits);
  const bool is_number =
      rest.empty() || (rest.front() == '.' && rest.size() > 1 &&
                       rest.find_first_not_of("0123456789", 1) == rest.npos);
  return is_number ? digits : 0;
}

std::optional<uint64_t> parse_epoch(std::string_view text) {
  const bool marked = text.starts_with('@');
  if (marked) text.remove_prefix(1);
  const size_t digits = digits_before_point(text);
  if (digits == 0 || (!marked && digits < kEpochDigitsMin)) {
    return std::nullopt;
  }
  const auto us = parse_span(text, BareNumber::kSeconds);
  const bool counts_us = !marked && digits >= kEpochMicrosecondDigitsMin;
  if (!us || !counts_us) return us;
  return parse_span(std::string(text) + "us", BareNumber::kRefused);
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text = trim(text.substr(0, text.size() - suffix.size()));
  return true;
}

// "+5min" and "5min left" lie ahead; "-5min", "5min ago" and "5min" behind.
std::optional<uint64_t> parse_relative(std::string_view text, uint64_t now_us) {
  bool ahead = false;
  bool said = true;
  if (text.starts_with('+') || text.starts_with('-')) {
    ahead = text.front() == '+';
    text.remove_prefix(1);
  } else if (take_suffix(text, " left")) {
    ahead = true;
  } else {
    said = take_suffix(text, " ago");
  }
  const auto us =
      parse_span(text, said ? BareNumber::kSeconds : BareNumber::kRefused);
  if (!us) return std::nullopt;
  if (ahead) return now_us + *us;
  return now_us > *us ? now_us - *us : 0;
}

}  // namespace

Result<uint64_t> parse_time(std::string_view given,
                            const TimeContext& context) {
  const std::string_view text = trim(given);
  if (text.empty() || text.size() > kTimeBytesMax) {
    return refuse(text.substr(0, kTimeBytesMax), "");
  }
  if (text == "now") return context.now_us;
  if (const auto us = parse_epoch(text)) return *us;
  if (const auto us = parse_relative(text, context.now_us)) return *us;

  CalendarTime calendar(static_cast<int64_t>(context.now_us / kSecondUs),
                        context.zone);
  for (std::string_view rest = text; !rest.empty();) {
    const size_t end = std::min(rest.find(' '), rest.size());
    const auto word = rest.substr(0, end);
    rest = trim(rest.substr(end));
    if (!calendar.read(word)) return refuse(text, "");
  }
  const auto us = calendar.resolve();
  if (!us) return refuse(text, calendar.reason());
  return static_cast<uint64_t>(std::max<int64_t>(*us, 0));
}

}  // namespace logq
