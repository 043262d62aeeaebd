#include "tests/run/fake_daemon.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>

namespace logrun_test {
namespace {

constexpr size_t kHeaderLines = 7;

logfmt::Fd bind_socket(const std::string& path, int type) {
  unlink(path.c_str());
  logfmt::Fd fd(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  EXPECT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  EXPECT_EQ(
      0, bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
  return fd;
}

void add_bytes(Connection& connection, std::string_view bytes) {
  while (!bytes.empty() && connection.header.size() < kHeaderLines) {
    const size_t newline = bytes.find('\n');
    if (newline == std::string_view::npos) return;
    connection.header.emplace_back(bytes.substr(0, newline));
    bytes.remove_prefix(newline + 1);
  }
  connection.body += bytes;
}

}  // namespace

FakeDaemon::FakeDaemon() {
  std::string name = testing::TempDir() + "logrun_XXXXXX";
  EXPECT_NE(nullptr, mkdtemp(name.data()));
  directory_ = name;
}

FakeDaemon::~FakeDaemon() {
  stop();
  std::filesystem::remove_all(directory_);
}

void FakeDaemon::start() {
  native_ = bind_socket(directory_ + "/native", SOCK_DGRAM);
  listener_ = bind_socket(directory_ + "/stdout", SOCK_STREAM);
  ASSERT_EQ(0, listen(listener_.get(), 64));
  running_ = true;
  thread_ = std::thread([this] { serve(); });
}

void FakeDaemon::stop() {
  running_ = false;
  if (thread_.joinable()) thread_.join();
  listener_.reset();
  native_.reset();
  for (const auto& [fd, index] : connection_of_fd_) close(fd);
  connection_of_fd_.clear();
}

void FakeDaemon::serve() {
  while (running_) {
    std::vector<pollfd> entries;
    if (!held_) {
      entries.push_back({.fd = native_.get(), .events = POLLIN, .revents = 0});
      entries.push_back(
          {.fd = listener_.get(), .events = POLLIN, .revents = 0});
      for (const auto& [fd, index] : connection_of_fd_) {
        entries.push_back({.fd = fd, .events = POLLIN, .revents = 0});
      }
    }
    poll(entries.data(), entries.size(), 2);
    for (const pollfd& entry : entries) {
      if (entry.revents != 0) take(entry.fd);
    }
  }
}

void FakeDaemon::take(int fd) {
  if (fd == native_.get()) return take_events();
  const std::lock_guard lock(mutex_);
  if (fd == listener_.get()) {
    const int accepted = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) return;
    connection_of_fd_[accepted] = connections_.size();
    connections_.emplace_back();
    return;
  }
  Connection& connection = connections_[connection_of_fd_.at(fd)];
  std::array<char, 64 << 10> bytes;
  const ssize_t count = recv(fd, bytes.data(), bytes.size(), 0);
  if (count > 0) {
    add_bytes(connection, {bytes.data(), static_cast<size_t>(count)});
    return;
  }
  connection.ended = true;
  connection_of_fd_.erase(fd);
  close(fd);
}

void FakeDaemon::take_events() {
  std::array<char, 64 << 10> bytes;
  const ssize_t count = recv(native_.get(), bytes.data(), bytes.size(), 0);
  const std::lock_guard lock(mutex_);
  if (count <= 0) return;
  events_.emplace_back(bytes.data(), static_cast<size_t>(count));
  size_t total = 0;
  for (const auto& connection : connections_) total += connection.body.size();
  bytes_before_event_.push_back(total);
}

std::vector<Connection> FakeDaemon::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

std::vector<std::string> FakeDaemon::lines(const std::string& kind) const {
  std::vector<std::string> all;
  for (const Connection& connection : connections()) {
    if (connection.header.size() != kHeaderLines ||
        !connection.header.back().starts_with(kind)) {
      continue;
    }
    const auto some = split_lines(connection.body);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::vector<std::string> FakeDaemon::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

size_t FakeDaemon::bytes_before_event(size_t index) const {
  const std::lock_guard lock(mutex_);
  return bytes_before_event_.at(index);
}

bool FakeDaemon::wait_for_events(size_t count) const {
  return wait_until([&] { return events().size() >= count; });
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string field_of(const std::string& event, const std::string& name) {
  for (const std::string& line : split_lines(event)) {
    if (line.starts_with(name + "=")) return line.substr(name.size() + 1);
  }
  return "";
}

bool wait_until(const std::function<bool()>& condition) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace logrun_test
