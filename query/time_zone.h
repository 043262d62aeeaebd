// Civil time in the local zone, UTC or an IANA zone ("Europe/Rome").
//
// A named zone is reached by pointing the process's TZ at it for the length of
// one call, so named zones are for start-up, while there is one thread. Output
// uses the local zone; set_process_zone() chooses it once.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "format/result.h"

namespace logq {

class TimeZone {
 public:
  static TimeZone local() { return TimeZone(""); }
  static TimeZone utc() { return TimeZone("UTC"); }
  // kNotFound unless the system's zone database has a file of that name.
  static logfmt::Result<TimeZone> named(std::string_view name);

  std::tm civil(int64_t epoch_s) const;
  // The inverse. Fields out of range are carried over, as mktime() does.
  // Where a change of the clock repeats an hour, civil.tm_isdst chooses; -1 is
  // the earlier one. An hour that a change leaves out is read as if it had not
  // changed yet.
  int64_t epoch_s(const std::tm& civil) const;
  // tm_isdst for which this zone prints `abbreviation` around that time.
  std::optional<int> dst_for(std::string_view abbreviation,
                             const std::tm& civil) const;

 private:
  explicit TimeZone(std::string name) : name_(std::move(name)) {}

  std::string name_;  // empty: whatever TZ says
};

// Makes `name` the local zone of the whole process.
logfmt::Status set_process_zone(const std::string& name);

}  // namespace logq
