#include "logd/notify.h"

#include <fmt/format.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace logd {

logfmt::Result<Notifier> Notifier::open(std::string_view address) {
  Notifier notifier;
  if (address.empty()) return notifier;
  auto& path = notifier.address_.sun_path;
  if ((address[0] != '/' && address[0] != '@') ||
      address.size() >= sizeof(path))
    return logfmt::fail(
        logfmt::ErrorCode::kInvalidArgument,
        fmt::format("NOTIFY_SOCKET=\"{}\": expected an absolute path, or '@' "
                    "and a name, of less than {} bytes",
                    address, sizeof(path)));
  notifier.address_.sun_family = AF_UNIX;
  std::ranges::copy(address, path);
  if (path[0] == '@') path[0] = '\0';
  // An abstract name ends with its length, a path with its NUL.
  const size_t name_bytes = address.size() + (address[0] == '/' ? 1 : 0);
  notifier.address_bytes_ =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_bytes);

  notifier.socket_.reset(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!notifier.socket_.valid())
    return logfmt::fail_errno("cannot make a socket for NOTIFY_SOCKET");
  // A manager that does not read may not stop the daemon: it could be waiting
  // for its own log lines to be taken.
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  if (setsockopt(notifier.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience,
                 sizeof(patience)) != 0)
    return logfmt::fail_errno("cannot limit the wait on NOTIFY_SOCKET");
  return notifier;
}

Notifier Notifier::through(logfmt::Fd socket) {
  Notifier notifier;
  notifier.socket_ = std::move(socket);
  return notifier;
}

logfmt::Result<Notifier> Notifier::from_environment() {
  const char* value = std::getenv("NOTIFY_SOCKET");
  const std::string address = value == nullptr ? "" : value;
  unsetenv("NOTIFY_SOCKET");
  return open(address);
}

logfmt::Status Notifier::send(std::string_view message) const {
  if (!socket_.valid()) return {};
  if (sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL,
             address(), address_bytes_) < 0)
    return logfmt::fail_errno("cannot tell the service manager " +
                              std::string(message));
  return {};
}

const sockaddr* Notifier::address() const {
  return address_bytes_ == 0 ? nullptr
                             : reinterpret_cast<const sockaddr*>(&address_);
}

logfmt::Status Notifier::try_send(std::string_view message,
                                  int descriptor) const {
  if (!socket_.valid()) return {};
  iovec text{const_cast<char*>(message.data()), message.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptor)> control{};
  msghdr header{};
  header.msg_name = const_cast<sockaddr*>(address());
  header.msg_namelen = address_bytes_;
  header.msg_iov = &text;
  header.msg_iovlen = 1;
  if (descriptor >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
  }
  if (sendmsg(socket_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    return logfmt::fail_errno("cannot tell the service manager " +
                              std::string(message));
  return {};
}

// The last one: too many descriptors are on their way.
bool Notifier::is_busy(const logfmt::Error& error) {
  return error.sys_errno == EAGAIN || error.sys_errno == ENOBUFS ||
         error.sys_errno == EINTR || error.sys_errno == ETOOMANYREFS;
}

logfmt::Status Notifier::ready() const { return send("READY=1"); }

logfmt::Status Notifier::reloading() const {
  // Type=notify-reload compares this stamp with the time of its SIGHUP.
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return send(
      fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                  int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000));
}

logfmt::Status Notifier::stopping() const { return send("STOPPING=1"); }

logfmt::Status Notifier::status(std::string_view text) const {
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');  // a line of its own is a message
  return send("STATUS=" + line);
}

logfmt::Status signal_ready_fd(int fd) {
  const logfmt::Fd owned(fd);
  if (write(fd, "\n", 1) != 1)
    return logfmt::fail_errno(
        fmt::format("cannot signal readiness on descriptor {}", fd));
  return {};
}

}  // namespace logd
