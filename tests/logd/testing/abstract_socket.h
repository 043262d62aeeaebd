// A datagram socket with an abstract name, as service managers listen on.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <string>

#include "format/file.h"

namespace logd::testing {

// `name` as NOTIFY_SOCKET spells it: '@' first.
inline logfmt::Fd bind_abstract(const std::string& name) {
  logfmt::Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  name.copy(address.sun_path, name.size());
  address.sun_path[0] = '\0';
  const auto bytes = offsetof(sockaddr_un, sun_path) + name.size();
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address),
                 static_cast<socklen_t>(bytes)),
            0);
  return fd;
}

}  // namespace logd::testing
