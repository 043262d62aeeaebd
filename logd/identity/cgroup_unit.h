// From a cgroup path to the unit that systemd keeps the process in; pure.
//
//   /system.slice/nginx.service           -> system unit nginx.service
//   /user.slice/user-1000.slice/user@1000.service/app.slice/bot.service
//                                         -> system unit user@1000.service,
//                                            user unit bot.service
// Views point into the path.
#pragma once

#include <string>
#include <string_view>

namespace logd {

struct CgroupUnits {
  std::string_view unit{};
  std::string_view user_unit{};
  std::string_view slice{};
  // A login session ("session-3.scope") says where a process was started,
  // not what it is; a unit that somebody declared is worth more.
  bool is_session() const;
};

CgroupUnits parse_cgroup(std::string_view path);

// journald's rule for names that a client may declare: 1-255 characters of
// [A-Za-z0-9:_.\-@].
bool valid_unit_name(std::string_view name);
// With ".service" where the name has no suffix of a unit.
std::string with_unit_suffix(std::string_view name);

}  // namespace logd
