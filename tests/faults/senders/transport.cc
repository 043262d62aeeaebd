#include "tests/faults/senders/transport.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace senders {
namespace {

constexpr std::string_view kSyslogPath = "/dev/log";
constexpr std::string_view kNativePath = "/run/systemd/journal/socket";
constexpr std::string_view kStreamPath = "/run/systemd/journal/stdout";
constexpr unsigned kFacilityUser = 1 << 3;
constexpr int kSendBufferBytes = 1 << 20;  // takes one datagram of 200 KB

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

Descriptor connect_to(std::string_view path, int type) {
  Descriptor connected(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (connect(connected.get(), reinterpret_cast<sockaddr*>(&address),
              sizeof address) != 0)
    return {};
  return connected;
}

// 0, or errno. A datagram goes at once or not at all; of a stream the rest is
// sent when there is room again.
int send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return 0;
}

class SyslogTransport : public Transport {
 public:
  SyslogTransport(const std::string& sender, unsigned priority)
      : head_(fmt::format("<{}>{}: ", kFacilityUser | priority, sender)) {}

  int send(std::string_view text) override {
    if (!socket_) socket_ = connect_to(kSyslogPath, SOCK_DGRAM);
    if (!socket_) return errno;
    const int error = send_all(socket_.get(), head_ + std::string(text));
    if (error != 0) socket_ = {};
    return error;
  }

 private:
  std::string head_;
  Descriptor socket_;
};

class NativeTransport : public Transport {
 public:
  enum class By { kDatagram, kLargeDatagram, kMemoryFile };

  NativeTransport(const std::string& sender, unsigned priority, By by)
      : head_(fmt::format("SYSLOG_IDENTIFIER={}\nPRIORITY={}\nMESSAGE=", sender,
                          priority)),
        by_(by) {}

  int send(std::string_view text) override {
    if (!socket_ && !open()) return errno;
    const auto entry = head_ + std::string(text) + "\n";
    const int error = by_ == By::kMemoryFile ? send_memory_file(entry)
                                             : send_all(socket_.get(), entry);
    if (error != 0) socket_ = {};
    return error;
  }

 private:
  bool open() {
    socket_ = connect_to(kNativePath, SOCK_DGRAM);
    if (!socket_ || by_ != By::kLargeDatagram) return bool{socket_};
    return setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUFFORCE,
                      &kSendBufferBytes, sizeof kSendBufferBytes) == 0;
  }

  int send_memory_file(std::string_view entry) const {
    const Descriptor file(
        memfd_create("entry", MFD_ALLOW_SEALING | MFD_CLOEXEC));
    const auto written = write(file.get(), entry.data(), entry.size());
    if (written != static_cast<ssize_t>(entry.size())) return errno;
    if (fcntl(file.get(), F_ADD_SEALS,
              F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
      return errno;
    return send_descriptor(file.get());
  }

  int send_descriptor(int fd) const {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
    msghdr message{};
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(socket_.get(), &message, MSG_NOSIGNAL) < 0 ? errno : 0;
  }

  std::string head_;
  By by_;
  Descriptor socket_;
};

class StreamTransport : public Transport {
 public:
  StreamTransport(const std::string& sender, unsigned priority)
      : header_(fmt::format("{0}\n{0}.service\n{1}\n1\n0\n0\n0\n", sender,
                            priority)) {}

  int send(std::string_view text) override {
    if (!socket_) {
      socket_ = connect_to(kStreamPath, SOCK_STREAM);
      if (!socket_) return errno;
      if (const int error = send_all(socket_.get(), header_); error != 0)
        return fail(error);
    }
    const int error = send_all(socket_.get(), std::string(text) + "\n");
    return error == 0 ? 0 : fail(error);
  }

 private:
  int fail(int error) {
    socket_ = {};
    return error;
  }

  std::string header_;
  Descriptor socket_;
};

// The text names the process that sends it; that is the child, so the child's
// caller leaves the place of the pid to it.
class BriefTransport : public Transport {
 public:
  BriefTransport(std::string sender, unsigned priority)
      : sender_(std::move(sender)), priority_(priority) {}

  int send(std::string_view text) override {
    const pid_t child = fork();
    if (child < 0) return errno;
    if (child == 0)
      _exit(StreamTransport(sender_, priority_).send(with_own_pid(text)));
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
  }

 private:
  static std::string with_own_pid(std::string_view text) {
    const auto number = text.find(' ') + 1;
    const auto begin = text.find(' ', number) + 1;
    const auto end = text.find(' ', begin);
    return std::string(text.substr(0, begin)) + std::to_string(getpid()) +
           std::string(text.substr(end));
  }

  std::string sender_;
  unsigned priority_;
};

}  // namespace

std::unique_ptr<Transport> make_transport(std::string_view kind,
                                          const std::string& sender,
                                          unsigned priority) {
  using By = NativeTransport::By;
  if (kind == "syslog")
    return std::make_unique<SyslogTransport>(sender, priority);
  if (kind == "stream")
    return std::make_unique<StreamTransport>(sender, priority);
  if (kind == "brief")
    return std::make_unique<BriefTransport>(sender, priority);
  if (kind == "native")
    return std::make_unique<NativeTransport>(sender, priority, By::kDatagram);
  if (kind == "large")
    return std::make_unique<NativeTransport>(sender, priority,
                                             By::kLargeDatagram);
  if (kind == "memfd")
    return std::make_unique<NativeTransport>(sender, priority, By::kMemoryFile);
  return nullptr;
}

}  // namespace senders
