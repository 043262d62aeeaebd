// Tells whoever started the daemon how it is getting on.
//
// Two customs are spoken: sd_notify(3), one datagram per message to the
// socket named by NOTIFY_SOCKET (a path, or an abstract name after '@'), and
// the readiness descriptor of s6 and dinit, which gets one newline. Without a
// listener every call succeeds and does nothing.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string_view>

#include "format/file.h"
#include "format/result.h"

namespace logd {

class Notifier {
 public:
  // Nobody listens.
  Notifier() = default;
  // Sends to an address as NOTIFY_SOCKET spells it; "" is nobody.
  static logfmt::Result<Notifier> open(std::string_view address);
  // Sends through a connected socket: to a process that passes it on.
  static Notifier through(logfmt::Fd socket);
  // Takes NOTIFY_SOCKET out of the environment: children must not find it.
  static logfmt::Result<Notifier> from_environment();

  logfmt::Status ready() const;
  logfmt::Status reloading() const;  // ready() says when it is over
  logfmt::Status stopping() const;
  logfmt::Status status(std::string_view text) const;  // one line for people
  logfmt::Status send(std::string_view message) const;
  // Never waits. With a descriptor to go along, where one is given.
  logfmt::Status try_send(std::string_view message, int descriptor = -1) const;
  // Whether an error of try_send() is over when the listener has caught up.
  static bool is_busy(const logfmt::Error& error);
  int fd() const { return socket_.get(); }

 private:
  const sockaddr* address() const;

  logfmt::Fd socket_;
  sockaddr_un address_{};
  socklen_t address_bytes_ = 0;
};

// Writes the newline and closes the descriptor. The caller ignores SIGPIPE.
logfmt::Status signal_ready_fd(int fd);

}  // namespace logd
