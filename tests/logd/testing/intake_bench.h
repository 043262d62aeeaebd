// The intake in one process: its sockets in a directory of its own, a thread's
// loop to turn by hand, and the store that it fills.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "logd/intake/datagram_socket.h"
#include "logd/intake/entry_sink.h"
#include "logd/intake/event_loop.h"
#include "logd/intake/sockets.h"
#include "logd/intake/stream_server.h"
#include "tests/logd/testing/temp_store.h"

namespace logd::testing {

class IntakeBench {
 public:
  explicit IntakeBench(size_t line_bytes_max = 48 << 10)
      : loop_(std::move(EventLoop::create().value())) {
    // Clients of other users come as well.
    std::filesystem::permissions(dir_.path(), std::filesystem::perms{0755});
    auto bound = bind_sockets({.runtime_dir = dir_.path()}).value();
    syslog_.emplace(std::move(bound.sockets[0].fd), DatagramProtocol::kSyslog,
                    batch_, sink_);
    native_.emplace(std::move(bound.sockets[1].fd), DatagramProtocol::kNative,
                    batch_, sink_);
    streams_.emplace(std::move(bound.sockets[2].fd), line_bytes_max, loop_,
                     sink_, table_);
    (void)loop_.add(syslog_->fd(), *syslog_);
    (void)loop_.add(native_->fd(), *native_);
    (void)loop_.add(streams_->fd(), *streams_);
  }

  // A client's socket, connected to "syslog", "native" or "stdout".
  logfmt::Fd connect(const std::string& name) const {
    const int type = name == "stdout" ? SOCK_STREAM : SOCK_DGRAM;
    logfmt::Fd fd(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = dir_.path() + "/" + name;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                  sizeof address) != 0) {
      fd.reset();
    }
    return fd;
  }

  // Turns the loop until nothing is left to do.
  void turn() {
    for (int quiet = 0; quiet < 3; ++quiet) {
      const uint64_t before = counters().entries;
      (void)loop_.run_once(10);
      if (counters().entries != before) quiet = 0;
    }
    EXPECT_TRUE(store_.commit());
  }
  std::vector<Sample> entries() {
    turn();
    return read_store(store_.dir());
  }

  const IntakeCounters& counters() const { return sink_.counters(); }
  uint64_t dropped(DropCause cause) const { return counters().dropped(cause); }
  uint64_t refused_datagrams() const {
    return dropped(DropCause::kMalformed) + dropped(DropCause::kTooLarge);
  }
  StreamServer& streams() { return *streams_; }
  EntrySink& sink() { return sink_; }

 private:
  TempDir dir_;
  TempStore store_;
  HostFacts host_{.hostname = "box"};
  EntrySink sink_{store_.writer(), host_, LimitsConfig{.rate = 0}};
  StreamTable table_{store_.zone()};
  EventLoop loop_;
  DatagramBatch batch_{store_.zone()};
  std::optional<DatagramSocket> syslog_;
  std::optional<DatagramSocket> native_;
  std::optional<StreamServer> streams_;
};

}  // namespace logd::testing
