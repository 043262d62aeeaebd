#include "logd/intake/syslog_time.h"

#include <chrono>

#include "logd/intake/text_scan.h"

namespace logd {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::seconds;
using std::chrono::sys_days;

// A yearless stamp may run ahead of our clock by this much, and is then taken
// to be from the coming year rather than from one ago.
constexpr days kAheadMax{7};

struct Fields {
  int year = -1;  // not said
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int32_t fraction_us = 0;
  std::optional<int32_t> utc_offset_s{};
  bool zone_possible = true;
};

// Exactly `count` digits.
template <class T>
bool take_number(std::string_view& rest, size_t count, T& out) {
  if (rest.size() < count) return false;
  T value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!is_digit(rest[i])) return false;
    value = value * 10 + static_cast<T>(rest[i] - '0');
  }
  out = value;
  rest.remove_prefix(count);
  return true;
}

bool take_clock(std::string_view& rest, Fields& out) {
  return take_number(rest, 2, out.hour) && take(rest, ':') &&
         take_number(rest, 2, out.minute) && take(rest, ':') &&
         take_number(rest, 2, out.second);
}

// Digits beyond the microsecond are cut off, not rounded.
void take_fraction(std::string_view& rest, Fields& out) {
  int32_t unit_us = 100'000;
  while (!rest.empty() && is_digit(rest.front())) {
    out.fraction_us += (rest.front() - '0') * unit_us;
    unit_us /= 10;
    rest.remove_prefix(1);
  }
}

// "Z", "+01:00" or nothing.
bool take_zone(std::string_view& rest, Fields& out) {
  if (take(rest, 'Z')) {
    out.utc_offset_s = 0;
    return true;
  }
  const bool east = take(rest, '+');
  if (!east && !take(rest, '-')) return true;
  int32_t hours = 0;
  int32_t minutes = 0;
  if (!take_number(rest, 2, hours) || !take(rest, ':') ||
      !take_number(rest, 2, minutes)) {
    return false;
  }
  out.zone_possible = hours < 24 && minutes < 60;
  const int32_t offset_s = hours * 3600 + minutes * 60;
  out.utc_offset_s = east ? offset_s : -offset_s;
  return true;
}

bool take_month(std::string_view& rest, Fields& out) {
  if (rest.size() < 3) return false;
  const auto lower = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(rest[i]) | 0x20);
  };
  const uint32_t name = lower(0) << 16 | lower(1) << 8 | lower(2);
  constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  for (unsigned i = 0; i < 12; ++i) {
    const auto letter = [&](size_t at) {
      return static_cast<uint32_t>(kMonths[3 * i + at]);
    };
    if (name != (letter(0) << 16 | letter(1) << 8 | letter(2))) continue;
    out.month = i + 1;
    rest.remove_prefix(3);
    return true;
  }
  return false;
}

// The newest year in which the stamp is at most kAheadMax ahead.
int complete_year(const Fields& fields, const SyslogContext& context) {
  const auto latest = std::chrono::sys_time<microseconds>(microseconds(
                          static_cast<int64_t>(context.receive_time_us))) +
                      kAheadMax + seconds(context.utc_offset_s);
  const auto today = std::chrono::floor<days>(latest);
  const std::chrono::year_month_day date{today};
  const auto rank = [](unsigned month, unsigned day, int64_t second) {
    return (int64_t{month} * 32 + int64_t{day}) * 100'000 + second;
  };
  const auto second_of_day =
      std::chrono::duration_cast<seconds>(latest - today).count();
  const int64_t latest_rank =
      rank(unsigned{date.month()}, unsigned{date.day()}, second_of_day);
  const int64_t stamp_rank =
      rank(fields.month, fields.day,
           fields.hour * 3600 + fields.minute * 60 + fields.second);
  return int{date.year()} - (stamp_rank > latest_rank ? 1 : 0);
}

std::optional<uint64_t> time_of(const Fields& fields,
                                const SyslogContext& context) {
  if (fields.hour > 23 || fields.minute > 59 || fields.second > 60 ||
      !fields.zone_possible) {
    return std::nullopt;
  }
  const int year =
      fields.year >= 0 ? fields.year : complete_year(fields, context);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{fields.month},
                                         std::chrono::day{fields.day}};
  if (!date.ok()) return std::nullopt;
  const int64_t day_s = fields.hour * 3600 + fields.minute * 60 + fields.second;
  const int64_t utc_s =
      int64_t{sys_days{date}.time_since_epoch().count()} * 86'400 + day_s -
      fields.utc_offset_s.value_or(context.utc_offset_s);
  const int64_t utc_us = utc_s * 1'000'000 + fields.fraction_us;
  if (utc_us < 0) return std::nullopt;
  return static_cast<uint64_t>(utc_us);
}

bool at_word_end(std::string_view rest) {
  return rest.empty() || is_white_space(rest.front());
}

std::string_view consumed(std::string_view text, std::string_view rest) {
  return text.substr(0, text.size() - rest.size());
}

bool take_iso_date(std::string_view& rest, Fields& out) {
  return take_number(rest, 4, out.year) && take(rest, '-') &&
         take_number(rest, 2, out.month) && take(rest, '-') &&
         take_number(rest, 2, out.day);
}

// RFC 5424's form by its shape alone.
bool take_rfc5424_shape(std::string_view& rest, Fields& out) {
  if (!take_iso_date(rest, out) || !take(rest, 'T') || !take_clock(rest, out)) {
    return false;
  }
  if (take(rest, '.')) {
    if (rest.empty() || !is_digit(rest.front())) return false;
    take_fraction(rest, out);
  }
  return take_zone(rest, out) && at_word_end(rest);
}

bool take_loose_iso(std::string_view& rest, Fields& out) {
  if (!take_iso_date(rest, out)) return false;
  if (!take(rest, 'T') && !take(rest, ' ')) return false;
  if (!take_clock(rest, out)) return false;
  if (take(rest, '.') || take(rest, ',')) take_fraction(rest, out);
  if (!take_zone(rest, out)) return false;
  take(rest, ':');
  return at_word_end(rest);
}

// A word of four digits where a year may stand; a colon may end it.
bool take_year(std::string_view& rest, Fields& out) {
  std::string_view ahead = rest;
  int year = 0;
  if (!take_number(ahead, 4, year)) return false;
  const std::string_view after = ahead.substr(ahead.starts_with(':') ? 1 : 0);
  if (!at_word_end(after)) return false;
  out.year = year;
  rest = ahead;
  return true;
}

bool take_loose_day(std::string_view& rest, Fields& out) {
  take(rest, ' ');
  return take_number(rest, 2, out.day) || take_number(rest, 1, out.day);
}

// A year or "UTC" behind the clock.
void take_clock_suffix(std::string_view& rest, Fields& out) {
  std::string_view ahead = rest;
  if (!take(ahead, ' ')) return;
  if (out.year < 0 && take_year(ahead, out)) {
    rest = ahead;
  } else if (ahead.starts_with("UTC")) {
    ahead.remove_prefix(3);
    if (!at_word_end(ahead) && ahead.front() != ':') return;
    out.utc_offset_s = 0;
    rest = ahead;
  }
}

bool take_loose_bsd(std::string_view& rest, Fields& out) {
  if (!take(rest, '*')) take(rest, '.');
  if (take_year(rest, out) && !take(rest, ' ')) return false;
  if (!take_month(rest, out) || !take(rest, ' ') ||
      !take_loose_day(rest, out) || !take(rest, ' ')) {
    return false;
  }
  if (take_year(rest, out) && !take(rest, ' ')) return false;
  if (!take_clock(rest, out)) return false;
  if (take(rest, '.') || take(rest, ',')) take_fraction(rest, out);
  take_clock_suffix(rest, out);
  take(rest, ':');
  return at_word_end(rest);
}

// "Mmm dd hh:mm:ss", the day's first digit may be a blank.
bool take_plain_bsd(std::string_view& rest, Fields& out) {
  if (!take_month(rest, out) || !take(rest, ' ')) return false;
  const size_t day_digits = take(rest, ' ') ? 1 : 2;
  return take_number(rest, day_digits, out.day) && take(rest, ' ') &&
         take_clock(rest, out) && at_word_end(rest);
}

}  // namespace

std::optional<SyslogStamp> scan_rfc5424_stamp(std::string_view text,
                                              const SyslogContext& context) {
  Fields fields;
  std::string_view rest = text;
  if (!take_rfc5424_shape(rest, fields)) return std::nullopt;
  const auto time_us = time_of(fields, context);
  if (!time_us) return std::nullopt;
  return SyslogStamp{consumed(text, rest), time_us};
}

std::optional<SyslogStamp> scan_local_stamp(std::string_view text,
                                            const SyslogContext& context) {
  if (text.empty()) return std::nullopt;
  Fields fields;
  std::string_view rest = text;
  const bool fits = is_digit(text.front()) ? take_rfc5424_shape(rest, fields)
                                           : take_plain_bsd(rest, fields);
  if (!fits) return std::nullopt;
  return SyslogStamp{consumed(text, rest), time_of(fields, context)};
}

std::optional<SyslogStamp> scan_network_stamp(std::string_view text,
                                              const SyslogContext& context) {
  for (const auto take_form : {take_loose_bsd, take_loose_iso}) {
    Fields fields;
    std::string_view rest = text;
    if (!take_form(rest, fields)) continue;
    return SyslogStamp{consumed(text, rest), time_of(fields, context)};
  }
  return std::nullopt;
}

}  // namespace logd
