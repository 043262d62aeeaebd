#include "query/stamp.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "query/digits.h"

namespace logq {
namespace {

constexpr uint64_t kSecondUs = 1'000'000;
constexpr std::string_view kNoUs = ".000000";

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
               style == StampStyle::kFullPrecise ||
               style == StampStyle::kUnix) {
  tzset();
}

void Stamp::set_second(uint64_t second) {
  second_ = second;
  if (style_ == StampStyle::kUnix) {
    text_.clear();
    append_number(text_, second);
    us_at_ = text_.size() + 1;
    text_ += kNoUs;
    return;
  }
  if (second / 60 != minute_) set_minute(second / 60);
  write_pair(&text_[second_at_], static_cast<uint32_t>(second % 60));
}

void Stamp::set_minute(uint64_t minute) {
  minute_ = minute;
  const auto epoch_s = static_cast<time_t>(minute * 60);
  std::tm civil{};
  utc_ ? gmtime_r(&epoch_s, &civil) : localtime_r(&epoch_s, &civil);
  const bool is_short =
      style_ == StampStyle::kShort || style_ == StampStyle::kShortPrecise;
  const bool is_iso =
      style_ == StampStyle::kIso || style_ == StampStyle::kIsoPrecise;
  text_.clear();
  if (is_short) {
    text_ += kMonths[static_cast<size_t>(civil.tm_mon)];
    text_ += ' ';
    append_padded(text_, as_count(civil.tm_mday), 2);
  } else {
    if (!is_iso) {
      text_ += kWeekdays[static_cast<size_t>(civil.tm_wday)];
      text_ += ' ';
    }
    append_date(text_, civil);
  }
  text_ += is_iso ? 'T' : ' ';
  append_padded(text_, as_count(civil.tm_hour), 2);
  text_ += ':';
  append_padded(text_, as_count(civil.tm_min), 2);
  text_ += ":00";
  second_at_ = text_.size() - 2;
  us_at_ = text_.size() + 1;
  if (precise_) text_ += kNoUs;
  if (is_iso) {
    append_offset(text_, civil.tm_gmtoff);
  } else if (!is_short) {
    text_ += ' ';
    text_ += utc_ ? "UTC" : civil.tm_zone;
  }
}

void Stamp::append(std::string& out, uint64_t realtime_us) {
  const uint64_t second = realtime_us / kSecondUs;
  if (second != second_) set_second(second);
  if (precise_) {
    const auto us = static_cast<uint32_t>(realtime_us % kSecondUs);
    char* const digits = &text_[us_at_];
    write_pair(digits, us / 10'000);
    write_pair(digits + 2, us / 100 % 100);
    write_pair(digits + 4, us % 100);
  }
  out += text_;
}

}  // namespace logq
