// A calendar time, read word by word: a weekday, a day, a time of day, a zone.
//
// Each word gives one part; what is missing is filled in by resolve(): no day
// is today, no time of day is midnight, no zone is the context's. Part of
// time_spec.h, which says what is accepted; not for other callers.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "query/time_zone.h"

namespace logq {

class CalendarTime {
 public:
  CalendarTime(int64_t now_s, TimeZone zone)
      : now_s_(now_s), zone_(std::move(zone)) {}

  // Takes the next word, or refuses it.
  bool read(std::string_view word);
  // Microseconds since the epoch; nothing for a contradiction.
  std::optional<int64_t> resolve();
  // What resolve() found wrong, where it can say more than "not a time".
  const std::string& reason() const { return reason_; }

 private:
  enum class Day { kToday, kRelative, kDate, kYearless };

  bool read_day(std::string_view word);
  bool read_date(std::string_view word);
  bool read_time(std::string_view word);
  bool read_zone(std::string_view word);
  bool set_time(int hour, int minute, int second);
  bool day_is_open() const { return day_ == Day::kToday && !day_said_; }
  std::optional<std::tm> choose_day();
  void step_back_to_weekday(std::tm& day) const;
  bool exists(const std::tm& day) const;
  int64_t moment_s(std::tm civil) const;

  int64_t now_s_;
  TimeZone zone_;
  std::optional<int> offset_s_;
  std::string abbreviation_;
  bool zone_said_ = false;

  Day day_ = Day::kToday;
  bool day_said_ = false;
  bool last_ = false;
  std::optional<int> weekday_;
  int days_ahead_ = 0;
  int year_ = 0;
  int month_ = 0;
  int month_day_ = 0;  // 0 while a month name waits for its day

  bool time_said_ = false;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  int64_t us_ = 0;
  std::string reason_;
};

}  // namespace logq
