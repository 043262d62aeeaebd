// Receives log messages and discards them: what the sockets themselves allow.
//
//   sink datagram|stream SOCKET COUNT
//
// Asks for credentials and time stamps, as a log daemon must. Ends after COUNT
// datagrams or lines and prints one line of JSON; end_s is the monotonic clock
// when it had the last one.
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace logbench {
namespace {

constexpr size_t kBatch = 64;
constexpr size_t kBufferBytes = 64 << 10;
constexpr size_t kControlBytes = 256;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

void ask_for_credentials(int fd) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

int bind_socket(std::string_view path, int type) {
  const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (fd < 0 ||
      bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    die("bind");
  }
  return fd;
}

void drain_datagrams(int fd, uint64_t count) {
  ask_for_credentials(fd);
  std::vector<char> data(kBatch * kBufferBytes);
  std::vector<char> control(kBatch * kControlBytes);
  std::array<iovec, kBatch> buffers{};
  std::array<mmsghdr, kBatch> messages{};
  for (uint64_t received = 0; received < count;) {
    for (size_t i = 0; i < kBatch; ++i) {
      buffers[i] = {&data[i * kBufferBytes], kBufferBytes};
      messages[i].msg_hdr = {};
      messages[i].msg_hdr.msg_iov = &buffers[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_control = &control[i * kControlBytes];
      messages[i].msg_hdr.msg_controllen = kControlBytes;
    }
    const int n =
        recvmmsg(fd, messages.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (n < 0) die("recvmmsg");
    received += static_cast<uint64_t>(n);
  }
}

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
}

// Reads once from a connection; returns the number of lines.
uint64_t drain_connection(int fd, std::vector<char>& data) {
  std::array<char, kControlBytes> control{};
  iovec buffer{data.data(), data.size()};
  msghdr message{};
  message.msg_iov = &buffer;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t n = recvmsg(fd, &message, 0);
  if (n <= 0) {
    close(fd);
    return 0;
  }
  return static_cast<uint64_t>(
      std::count(data.begin(), data.begin() + n, '\n'));
}

void drain_streams(int listener, uint64_t count) {
  if (listen(listener, SOMAXCONN) != 0) die("listen");
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listener);
  std::vector<char> data(kBufferBytes);
  std::array<epoll_event, kBatch> events{};
  for (uint64_t received = 0; received < count;) {
    const int n = epoll_wait(epoll, events.data(), kBatch, -1);
    for (size_t i = 0; i < static_cast<size_t>(std::max(n, 0)); ++i) {
      if (events[i].data.fd != listener) {
        received += drain_connection(events[i].data.fd, data);
        continue;
      }
      const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) die("accept");
      ask_for_credentials(fd);
      watch(epoll, fd);
    }
  }
}

double cpu_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec +
                                    usage.ru_stime.tv_usec);
}

}  // namespace
}  // namespace logbench

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: sink datagram|stream SOCKET COUNT\n");
    return 2;
  }
  const std::string_view number = argv[3];
  uint64_t count = 0;
  std::from_chars(number.data(), number.data() + number.size(), count);
  if (std::string_view(argv[1]) == "stream") {
    logbench::drain_streams(logbench::bind_socket(argv[2], SOCK_STREAM), count);
  } else {
    logbench::drain_datagrams(logbench::bind_socket(argv[2], SOCK_DGRAM),
                              count);
  }
  const std::chrono::duration<double> end =
      std::chrono::steady_clock::now().time_since_epoch();
  fmt::print("{{\"cpu_s\": {:.3f}, \"end_s\": {:.6f}}}\n", logbench::cpu_s(),
             end.count());
  return 0;
}
