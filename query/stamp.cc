#include "query/stamp.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "query/digits.h"

namespace logq {
namespace {

constexpr uint64_t kMinuteUs = 60'000'000;
constexpr uint64_t kSecondUs = 1'000'000;

constexpr std::array<std::string_view, 7> kWeekdays = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

uint64_t as_count(int value) { return static_cast<uint64_t>(value); }

void append_date(std::string& out, const std::tm& civil) {
  append_padded(out, as_count(civil.tm_year + 1900), 4);
  out += '-';
  append_padded(out, as_count(civil.tm_mon + 1), 2);
  out += '-';
  append_padded(out, as_count(civil.tm_mday), 2);
}

void append_offset(std::string& out, long east_s) {
  out += east_s < 0 ? '-' : '+';
  const auto minutes = static_cast<uint64_t>(std::labs(east_s) / 60);
  append_padded(out, minutes / 60, 2);
  out += ':';
  append_padded(out, minutes % 60, 2);
}

}  // namespace

Stamp::Stamp(StampStyle style, bool utc)
    : style_(style),
      utc_(utc),
      precise_(style == StampStyle::kShortPrecise ||
               style == StampStyle::kIsoPrecise ||
               style == StampStyle::kFullPrecise) {
  tzset();
}

void Stamp::set_minute(uint64_t minute) {
  minute_ = minute;
  const auto epoch_s = static_cast<time_t>(minute * 60);
  std::tm civil{};
  utc_ ? gmtime_r(&epoch_s, &civil) : localtime_r(&epoch_s, &civil);
  before_.clear();
  after_.clear();
  if (style_ == StampStyle::kShort || style_ == StampStyle::kShortPrecise) {
    before_ = kMonths[static_cast<size_t>(civil.tm_mon)];
    before_ += ' ';
    append_padded(before_, as_count(civil.tm_mday), 2);
    before_ += ' ';
  } else if (style_ == StampStyle::kIso || style_ == StampStyle::kIsoPrecise) {
    append_date(before_, civil);
    before_ += 'T';
    append_offset(after_, civil.tm_gmtoff);
  } else {
    before_ = kWeekdays[static_cast<size_t>(civil.tm_wday)];
    before_ += ' ';
    append_date(before_, civil);
    before_ += ' ';
    after_ = ' ';
    after_ += utc_ ? "UTC" : civil.tm_zone;
  }
  append_padded(before_, as_count(civil.tm_hour), 2);
  before_ += ':';
  append_padded(before_, as_count(civil.tm_min), 2);
  before_ += ':';
}

void Stamp::append(std::string& out, uint64_t realtime_us) {
  if (style_ == StampStyle::kUnix) {
    append_number(out, realtime_us / kSecondUs);
    out += '.';
    append_padded(out, realtime_us % kSecondUs, 6);
    return;
  }
  const uint64_t minute = realtime_us / kMinuteUs;
  if (minute != minute_) set_minute(minute);
  const uint64_t in_minute_us = realtime_us % kMinuteUs;
  out += before_;
  append_padded(out, in_minute_us / kSecondUs, 2);
  if (precise_) {
    out += '.';
    append_padded(out, in_minute_us % kSecondUs, 6);
  }
  out += after_;
}

}  // namespace logq
