#include "logd/store/damaged_file.h"

#include <cerrno>

namespace logd {

bool is_damage(const logfmt::Error& error) {
  // A link or a folder of that name was not made by any logd.
  return error.sys_errno == ELOOP || error.sys_errno == EISDIR ||
         error.code == logfmt::ErrorCode::kCorrupt ||
         error.code == logfmt::ErrorCode::kTruncated ||
         error.code == logfmt::ErrorCode::kLimit;
}

void set_aside(const logfmt::StoreDir& store, const std::string& name,
               const std::string& cause, EventLog& events) {
  const auto aside = store.set_aside(name);
  if (!aside) {
    post_left_alone(name, cause + "; " + aside.error().message(), events);
    return;
  }
  events.post(
      {.kind = EventKind::kDamaged,
       .priority = 3,
       .message = name + " is damaged; it is kept as " + *aside + ": " + cause,
       .fields = {{"CAUSE", cause}}});
}

void post_left_alone(const std::string& name, const std::string& cause,
                     EventLog& events) {
  events.post({.kind = EventKind::kDamaged,
               .priority = 3,
               .message = name + " cannot be used and stays as it is: " + cause,
               .fields = {{"CAUSE", cause}}});
}

}  // namespace logd
