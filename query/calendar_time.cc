#include "query/calendar_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace logq {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::optional<int> number(std::string_view digits, int low, int high) {
  int value = 0;
  if (!all_digits(digits) || digits.size() > 9) return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (value < low || value > high) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// The index of a name or its first three letters.
template <size_t kCount>
std::optional<int> name_index(
    std::string_view word, const std::array<std::string_view, kCount>& names) {
  const std::string wanted = lower(word);
  for (size_t i = 0; i < kCount; ++i) {
    if (wanted == names[i] || wanted == names[i].substr(0, 3)) {
      return static_cast<int>(i);
    }
  }
  return std::nullopt;
}

constexpr std::array<std::string_view, 7> kWeekdays = {
    "sunday",   "monday", "tuesday", "wednesday",
    "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

// Up to nine digits; those after the sixth are cut off.
std::optional<int64_t> fraction_us(std::string_view digits) {
  if (!all_digits(digits) || digits.size() > 9) return std::nullopt;
  int64_t us = 0;
  for (size_t i = 0; i < 6; ++i) {
    us = us * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return us;
}

// "+02", "+0230", "-02:30" in seconds east of UTC.
std::optional<int> offset_s(std::string_view text) {
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  const auto hour = number(text.substr(1, 2), 0, 23);
  std::string_view rest = text.substr(3);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  const auto minute = rest.empty() && text.back() != ':'
                          ? std::optional(0)
                          : number(rest.size() == 2 ? rest : "", 0, 59);
  if (!hour || !minute) return std::nullopt;
  const int seconds = *hour * 3600 + *minute * 60;
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

bool CalendarTime::read(std::string_view word) {
  if (day_ == Day::kYearless && month_day_ == 0) {
    month_day_ = number(word, 1, 31).value_or(0);
    return month_day_ != 0;
  }
  const size_t t = word.find_first_of("Tt");
  if (t != word.npos && t > 0 && is_digit(word[t - 1])) {
    return read_date(word.substr(0, t)) && read_time(word.substr(t + 1));
  }
  return read_day(word) || read_date(word) || read_time(word) ||
         read_zone(word);
}

bool CalendarTime::read_day(std::string_view word) {
  if (!day_is_open() || time_said_ || zone_said_) return false;
  if (const auto weekday = name_index(word, kWeekdays); weekday && !weekday_) {
    weekday_ = *weekday;
    return true;
  }
  const std::string name = lower(word);
  if (name == "last" && !last_ && !weekday_) return last_ = true;
  if (const auto month = name_index(word, kMonths)) {
    month_ = *month;
    day_ = Day::kYearless;
    return day_said_ = true;
  }
  if (name == "today" || name == "yesterday" || name == "tomorrow") {
    days_ahead_ = name == "today" ? 0 : name == "tomorrow" ? 1 : -1;
    day_ = Day::kRelative;
    return day_said_ = true;
  }
  return false;
}

bool CalendarTime::read_date(std::string_view word) {
  if (!day_is_open() || time_said_ || zone_said_) return false;
  const auto parts = split(word, '-');
  if (parts.size() != 3 || parts[1].size() > 2 || parts[2].size() > 2) {
    return false;
  }
  const auto year = number(parts[0], 0, 9999);
  const auto month = number(parts[1], 1, 12);
  const auto month_day = number(parts[2], 1, 31);
  if (!year || !month || !month_day) return false;
  if (parts[0].size() != 2 && parts[0].size() != 4) return false;
  // Two digits as POSIX reads them: 69-99 are of the 20th century.
  const int century = *year < 69 ? 2000 : 1900;
  year_ = parts[0].size() == 2 ? century + *year : *year;
  month_ = *month - 1;
  month_day_ = *month_day;
  day_ = Day::kDate;
  return day_said_ = true;
}

bool CalendarTime::set_time(int hour, int minute, int second) {
  hour_ = hour;
  minute_ = minute;
  second_ = second;
  return time_said_ = true;
}

bool CalendarTime::read_time(std::string_view word) {
  if (time_said_ || zone_said_) return false;
  const std::string name = lower(word);
  if (name == "noon") return set_time(12, 0, 0);
  if (name == "midnight") return set_time(0, 0, 0);
  size_t length = 0;
  while (length < word.size() && (is_digit(word[length]) ||
                                  word[length] == ':' || word[length] == '.')) {
    ++length;
  }
  const auto zone = word.substr(length);
  std::string_view clock = word.substr(0, length);
  const size_t dot = clock.find('.');
  const auto parts = split(clock.substr(0, dot), ':');
  if (parts.size() < 2 || parts.size() > 3) return false;
  for (const auto part : parts) {
    if (part.empty() || part.size() > 2) return false;
  }
  const auto hour = number(parts[0], 0, 23);
  const auto minute = number(parts[1], 0, 59);
  const auto second = number(parts.size() == 3 ? parts[2] : "0", 0, 60);
  if (!hour || !minute || !second) return false;
  if (dot != clock.npos) {
    const auto us = fraction_us(clock.substr(dot + 1));
    if (!us || parts.size() != 3) return false;
    us_ = *us;
  }
  set_time(*hour, *minute, *second);
  return zone.empty() || read_zone(zone);
}

bool CalendarTime::read_zone(std::string_view word) {
  if (zone_said_ || !(day_said_ || weekday_ || time_said_)) return false;
  if (word == "Z" || word == "z" || word == "UTC") {
    zone_ = TimeZone::utc();
  } else if (const auto east_s = offset_s(word)) {
    offset_s_ = east_s;
    zone_ = TimeZone::utc();
  } else if (auto named = TimeZone::named(word);
             named && word.find('/') != word.npos) {
    zone_ = *named;
  } else {
    // Only known once the day is: the abbreviations of a zone change.
    abbreviation_ = word;
  }
  return zone_said_ = true;
}

void CalendarTime::step_back_to_weekday(std::tm& day) const {
  int back = (day.tm_wday - *weekday_ + 7) % 7;
  if (last_ && back == 0) back = 7;
  day.tm_mday -= back;
}

bool CalendarTime::exists(const std::tm& day) const {
  std::tm probe{};
  probe.tm_year = day.tm_year;
  probe.tm_mon = day.tm_mon;
  probe.tm_mday = day.tm_mday;
  timegm(&probe);
  return probe.tm_mon == day.tm_mon && probe.tm_mday == day.tm_mday;
}

// Year, month, day and (once known) the weekday of the day that was meant.
std::optional<std::tm> CalendarTime::choose_day() {
  const std::tm today = zone_.civil(now_s_ + offset_s_.value_or(0));
  std::tm day = today;
  if (day_ == Day::kRelative) day.tm_mday += days_ahead_;
  if (day_ == Day::kDate || day_ == Day::kYearless) {
    day.tm_mon = month_;
    day.tm_mday = month_day_;
  }
  if (day_ == Day::kDate) day.tm_year = year_ - 1900;
  if (day_ == Day::kYearless) {
    // Output has no year where none is asked for: the day is not ahead of us.
    const bool ahead = month_ > today.tm_mon ||
                       (month_ == today.tm_mon && month_day_ > today.tm_mday);
    if (ahead) --day.tm_year;
    for (int tries = 0; tries < 8 && !exists(day); ++tries) --day.tm_year;
  }
  if (day_said_ && day_ != Day::kRelative && !exists(day)) {
    reason_ = "that month has no such day";
    return std::nullopt;
  }
  if (weekday_ && !day_said_) step_back_to_weekday(day);
  return day;
}

int64_t CalendarTime::moment_s(std::tm civil) const {
  if (offset_s_) return timegm(&civil) - *offset_s_;
  return zone_.epoch_s(civil);
}

std::optional<int64_t> CalendarTime::resolve() {
  if (day_ == Day::kYearless && month_day_ == 0) return std::nullopt;
  if (last_ && !weekday_) return std::nullopt;
  if (!day_said_ && !weekday_ && !time_said_) return std::nullopt;
  auto chosen = choose_day();
  if (!chosen) return std::nullopt;
  chosen->tm_hour = hour_;
  chosen->tm_min = minute_;
  chosen->tm_sec = second_;
  chosen->tm_isdst = -1;
  if (!abbreviation_.empty()) {
    const auto is_dst = zone_.dst_for(abbreviation_, *chosen);
    if (!is_dst) {
      reason_ = "no time zone \"" + abbreviation_ + "\"";
      return std::nullopt;
    }
    chosen->tm_isdst = *is_dst;
  }
  if (weekday_ && day_said_) {
    std::tm probe = *chosen;
    timegm(&probe);
    if (probe.tm_wday != *weekday_) {
      reason_ = "that day is not a " +
                std::string(kWeekdays[static_cast<size_t>(*weekday_)]);
      return std::nullopt;
    }
  }
  return moment_s(*chosen) * kSecondUs + us_;
}

}  // namespace logq
