// Binds the sockets that clients know, and takes nothing from anybody.
//
// A path where another process answers is left alone, and that is said. A
// socket file that nobody serves is a leftover and is replaced. On leaving,
// only files that are still the ones made here are removed. Runs before the
// daemon's threads; what it returns are open descriptors.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "format/file.h"
#include "logd/config.h"
#include "logd/intake/datagram_socket.h"

namespace logd {

enum class SocketRole : uint8_t { kSyslog, kNative, kStream, kQuery };

struct BoundSocket {
  logfmt::Fd fd{};
  SocketRole role = SocketRole::kSyslog;
  std::string path{};
  dev_t device = 0;  // of the file that was made, to remove only that
  ino_t inode = 0;
};

enum class Takeover : uint8_t {
  kAuto,  // the system's sockets where nobody else serves them
  kYes,   // the same, but it is an error when somebody does
  kNo,    // only the runtime directory's
};

struct SocketPlan {
  std::filesystem::path runtime_dir;
  IntakeConfig intake{};
  Takeover takeover = Takeover::kAuto;
  bool root = false;  // without it, kAuto is kNo
  // By path, what a worker had bound that died over it.
  std::map<std::string, logfmt::Fd> bound_before{};
};

struct BoundSockets {
  std::vector<BoundSocket> sockets{};
  std::vector<std::string> notes{};  // sentences for a person
};

logfmt::Result<BoundSockets> bind_sockets(SocketPlan plan);
void remove_socket_files(const std::vector<BoundSocket>& sockets);

// How many datagrams a socket made from now on holds before its senders wait.
uint32_t datagram_queue();
// Makes that as many as systemd does; the kernel's 10 makes senders wait for
// every hiccup. Root only, and not in a container that may not write to /proc.
void raise_datagram_queue();

}  // namespace logd
