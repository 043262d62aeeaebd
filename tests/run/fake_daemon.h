// A log daemon played by the test: a thread that takes what clients of the
// stream and the native socket send, and remembers it.
//
// It can be stopped at any moment, as a daemon that dies: everything is
// closed at once, with what it has not read. It can be held: then it accepts
// and reads nothing. What it has read stays known over stop() and start().
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "format/file.h"

namespace logrun_test {

struct Connection {
  std::vector<std::string> header{};  // up to seven lines
  std::string body{};
  bool ended = false;
};

class FakeDaemon {
 public:
  // A directory of its own; not started yet.
  FakeDaemon();
  ~FakeDaemon();

  void start();
  void stop();
  void hold(bool held) { held_ = held; }

  const std::string& directory() const { return directory_; }
  std::vector<Connection> connections() const;
  // All lines that came on streams of this kind, in order of connection.
  std::vector<std::string> lines(const std::string& kind) const;
  // Datagrams of the native socket.
  std::vector<std::string> events() const;
  // How many bytes of streams had been read when that event came.
  size_t bytes_before_event(size_t index) const;
  // Whether that many events have come within ten seconds.
  bool wait_for_events(size_t count) const;

 private:
  void serve();
  void take(int fd);
  void take_events();

  std::string directory_;
  mutable std::mutex mutex_;
  std::vector<Connection> connections_;
  std::vector<std::string> events_;
  std::vector<size_t> bytes_before_event_;
  std::map<int, size_t> connection_of_fd_;
  logfmt::Fd listener_;
  logfmt::Fd native_;
  std::atomic<bool> running_ = false;
  std::atomic<bool> held_ = false;
  std::thread thread_;
};

std::vector<std::string> split_lines(const std::string& text);
// The value of a field in a native datagram, "" where it has none.
std::string field_of(const std::string& event, const std::string& name);
// Polls until `condition` holds, for ten seconds at most.
bool wait_until(const std::function<bool()>& condition);

}  // namespace logrun_test
