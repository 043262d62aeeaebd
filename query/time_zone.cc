#include "query/time_zone.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

namespace logq {
namespace {

constexpr size_t kZoneNameBytesMax = 64;

// Points TZ at a zone and back again.
class ZoneSwitch {
 public:
  explicit ZoneSwitch(const std::string& name) {
    if (name.empty()) return;
    active_ = true;
    if (const char* now = std::getenv("TZ")) previous_ = now;
    setenv("TZ", name.c_str(), 1);
    tzset();
  }
  ~ZoneSwitch() {
    if (!active_) return;
    if (previous_) {
      setenv("TZ", previous_->c_str(), 1);
    } else {
      unsetenv("TZ");
    }
    tzset();
  }
  ZoneSwitch(const ZoneSwitch&) = delete;
  ZoneSwitch& operator=(const ZoneSwitch&) = delete;

 private:
  bool active_ = false;
  std::optional<std::string> previous_;
};

// glibc takes a name it does not know for UTC without a word.
bool zone_exists(std::string_view name) {
  if (name.empty() || name.size() > kZoneNameBytesMax) return false;
  if (name.front() == '/' || name.find("..") != name.npos) return false;
  const char* tz_dir = std::getenv("TZDIR");
  std::string path = tz_dir != nullptr ? tz_dir : "/usr/share/zoneinfo";
  path += '/';
  path += name;
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

struct Reading {
  int64_t epoch_s;
  bool exact;  // the zone does use that reading at that time
};
Reading epoch_of(std::tm civil, int is_dst) {
  civil.tm_isdst = is_dst;
  const int64_t epoch_s = mktime(&civil);
  return {epoch_s, civil.tm_isdst == is_dst};
}

}  // namespace

logfmt::Result<TimeZone> TimeZone::named(std::string_view name) {
  if (name == "UTC") return utc();
  if (!zone_exists(name)) {
    return logfmt::fail(logfmt::ErrorCode::kNotFound,
                        "no time zone \"" + std::string(name) +
                            "\"; expected a name such as Europe/Rome or UTC");
  }
  return TimeZone(std::string(name));
}

std::tm TimeZone::civil(int64_t epoch_s) const {
  const ZoneSwitch switched(name_);
  const time_t when = epoch_s;
  std::tm result{};
  localtime_r(&when, &result);
  return result;
}

int64_t TimeZone::epoch_s(const std::tm& civil) const {
  const ZoneSwitch switched(name_);
  if (civil.tm_isdst >= 0) return epoch_of(civil, civil.tm_isdst).epoch_s;
  const Reading standard = epoch_of(civil, 0);
  const Reading summer = epoch_of(civil, 1);
  if (!summer.exact) return standard.epoch_s;
  if (!standard.exact) return summer.epoch_s;
  return std::min(standard.epoch_s, summer.epoch_s);
}

std::optional<int> TimeZone::dst_for(std::string_view abbreviation,
                                     const std::tm& civil) const {
  const ZoneSwitch switched(name_);
  for (const int is_dst : {0, 1}) {
    std::tm probe = civil;
    probe.tm_isdst = is_dst;
    mktime(&probe);
    // A zone without such a rule turns the flag round: not a match then.
    if (probe.tm_isdst == is_dst && abbreviation == probe.tm_zone) {
      return is_dst;
    }
  }
  return std::nullopt;
}

logfmt::Status set_process_zone(const std::string& name) {
  if (auto zone = TimeZone::named(name); !zone) {
    return logfmt::fail(std::move(zone.error()));
  }
  setenv("TZ", name.c_str(), 1);
  tzset();
  return {};
}

}  // namespace logq
