// What came with a message beside its bytes (cmsg(3)): of the landing zone, so
// its lengths may be anything. The macros of <sys/socket.h> would follow them.
#pragma once

#include <sys/socket.h>

#include <cstring>
#include <span>

namespace logd {

// Calls visit(int type, std::span<const char> data) for each part of
// SOL_SOCKET, up to the first that makes no sense.
template <class Visit>
void for_each_part(std::span<const char> control, Visit visit) {
  while (control.size() >= sizeof(cmsghdr)) {
    cmsghdr part;
    std::memcpy(&part, control.data(), sizeof part);
    if (part.cmsg_len < CMSG_LEN(0) || part.cmsg_len > control.size()) return;
    if (part.cmsg_level == SOL_SOCKET) {
      visit(part.cmsg_type, control.first(part.cmsg_len).subspan(CMSG_LEN(0)));
    }
    const size_t next = CMSG_ALIGN(part.cmsg_len);
    if (next >= control.size()) return;
    control = control.subspan(next);
  }
}

// Calls visit(int fd) for each descriptor (SCM_RIGHTS, unix(7)).
template <class Visit>
void for_each_descriptor(std::span<const char> control, Visit visit) {
  for_each_part(control, [&](int type, std::span<const char> data) {
    if (type != SCM_RIGHTS) return;
    for (; data.size() >= sizeof(int); data = data.subspan(sizeof(int))) {
      int fd = -1;
      std::memcpy(&fd, data.data(), sizeof fd);
      visit(fd);
    }
  });
}

}  // namespace logd
