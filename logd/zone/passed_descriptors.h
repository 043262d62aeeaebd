// The descriptors that came with a message (SCM_RIGHTS, unix(7)).
#pragma once

#include <sys/socket.h>

#include <cstring>

namespace logd {

// Calls visit(int fd) for each, as the kernel has left them in `header`.
template <class Visit>
void for_each_descriptor(msghdr& header, Visit visit) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
       part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= part->cmsg_len;
         at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + at, sizeof fd);
      visit(fd);
    }
  }
}

}  // namespace logd
