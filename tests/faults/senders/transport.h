// The ways by which a message gets to a log daemon: the system's sockets, by
// the paths that are compiled into its clients.
//
//   syslog  a datagram to /dev/log
//   native  a datagram to /run/systemd/journal/socket
//   stream  a line on one connection to /run/systemd/journal/stdout
//   large   as native, sent with a send buffer that takes 200 KB
//   memfd   as native, in a sealed memory file that goes by SCM_RIGHTS
//   brief   as stream, each line by a process of its own that ends at once
//
// What is sent this way carries the sender's name as its identifier; streams
// also declare it as their unit.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace senders {

class Transport {
 public:
  virtual ~Transport() = default;

  // Sends one message, waiting for as long as the daemon makes it wait.
  // Returns 0 once the kernel has accepted all of it, else errno.
  virtual int send(std::string_view text) = 0;
};

// The kind by its name above; none for an unknown name. The priority is one of
// syslog's, 0 to 7.
std::unique_ptr<Transport> make_transport(std::string_view kind,
                                          const std::string& sender,
                                          unsigned priority);

}  // namespace senders
