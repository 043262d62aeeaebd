#include "logd/intake/sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "logd/identity/proc_facts.h"

namespace logd {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Fd;
using logfmt::Result;
using logfmt::Status;

constexpr mode_t kEverybody = 0666;
constexpr int kBacklog = 4096;
constexpr uint32_t kDatagramQueue = 512;
constexpr uint32_t kDatagramQueueOfKernel = 10;
constexpr char kQueueSetting[] = "/proc/sys/net/unix/max_dgram_qlen";

struct SocketPath {
  SocketRole role;
  const char* path;
};
constexpr std::array<SocketPath, 4> kSystemSockets{{
    {SocketRole::kSyslog, "/dev/log"},
    {SocketRole::kSyslog, "/run/systemd/journal/dev-log"},
    {SocketRole::kNative, "/run/systemd/journal/socket"},
    {SocketRole::kStream, "/run/systemd/journal/stdout"},
}};

bool has_connections(SocketRole role) {
  return role == SocketRole::kStream || role == SocketRole::kQuery;
}

int socket_type(SocketRole role) {
  return has_connections(role) ? SOCK_STREAM : SOCK_DGRAM;
}

bool wanted(SocketRole role, const IntakeConfig& intake) {
  switch (role) {
    case SocketRole::kSyslog:
      return intake.syslog;
    case SocketRole::kNative:
      return intake.native;
    case SocketRole::kStream:
      return intake.stdout;
    case SocketRole::kQuery:
      return true;
  }
  return false;
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::kLimit,
                path + " is longer than a socket's path may be (107 bytes)");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  return address;
}

Fd new_socket(SocketRole role) {
  return Fd(
      socket(AF_UNIX, socket_type(role) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// Whether a process answers at that path, whatever kind of socket it is.
bool is_served(const sockaddr_un& address, SocketRole role) {
  const Fd probe = new_socket(role);
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof address) == 0) {
    return true;
  }
  return errno != ENOENT && errno != ECONNREFUSED && errno != ENOTDIR;
}

Status set_option(const Fd& fd, int option) {
  const int on = 1;
  if (setsockopt(fd.get(), SOL_SOCKET, option, &on, sizeof on) != 0) {
    return logfmt::fail_errno("cannot set a socket option");
  }
  return {};
}

// A socket that nobody serves, or a link to where one was; nothing else.
Status remove_leftover(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return {};  // bind() says why
  if (!S_ISSOCK(status.st_mode) && !S_ISLNK(status.st_mode)) {
    return fail(ErrorCode::kInvalidArgument,
                path + " exists and is not a socket; move it away");
  }
  (void)unlink(path.c_str());
  return {};
}

Result<Fd> new_bound_socket(SocketRole role, const std::string& path) {
  auto address = address_of(path);
  if (!address) return fail(std::move(address.error()));
  if (is_served(*address, role)) {
    return fail(ErrorCode::kInvalidArgument,
                path + " is served by another process");
  }
  LOGD_RETURN_IF_ERROR(remove_leftover(path));
  Fd socket = new_socket(role);
  // Options first: from bind on, somebody may send.
  LOGD_RETURN_IF_ERROR(set_option(socket, SO_PASSCRED));
  if (!has_connections(role)) {
    LOGD_RETURN_IF_ERROR(set_option(socket, SO_TIMESTAMPNS));
  }
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address),
           sizeof *address) != 0) {
    return logfmt::fail_errno("cannot bind " + path);
  }
  return socket;
}

Result<BoundSocket> bind_socket(SocketRole role, const std::string& path,
                                SocketPlan& plan) {
  BoundSocket bound{.role = role, .path = path};
  if (auto before = plan.bound_before.extract(path); !before.empty()) {
    bound.fd = std::move(before.mapped());
  } else {
    auto made = new_bound_socket(role, path);
    if (!made) return fail(std::move(made.error()));
    bound.fd = std::move(*made);
  }
  if (chmod(path.c_str(), kEverybody) != 0) {
    return logfmt::fail_errno("cannot let everybody write to " + path);
  }
  if (has_connections(role) && listen(bound.fd.get(), kBacklog) != 0) {
    return logfmt::fail_errno("cannot listen at " + path);
  }
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) {
    bound.device = status.st_dev;
    bound.inode = status.st_ino;
  }
  return bound;
}

Status make_directory(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return fail({.code = ErrorCode::kIo,
                 .sys_errno = error.value(),
                 .detail = "cannot make the directory " + path.string()});
  }
  return {};
}

Status bind_own(SocketPlan& plan, BoundSockets& bound) {
  constexpr std::array<std::pair<SocketRole, const char*>, 4> kOwn{{
      {SocketRole::kSyslog, "syslog"},
      {SocketRole::kNative, "native"},
      {SocketRole::kStream, "stdout"},
      {SocketRole::kQuery, "query"},
  }};
  if (auto made = make_directory(plan.runtime_dir); !made) {
    made.error().detail +=
        " for the sockets (--runtime-dir or LOGD_RUNTIME_DIR names another)";
    return fail(std::move(made.error()));
  }
  for (const auto& [role, name] : kOwn) {
    if (!wanted(role, plan.intake)) continue;
    auto socket = bind_socket(role, plan.runtime_dir / name, plan);
    if (!socket) return fail(std::move(socket.error()));
    bound.sockets.push_back(std::move(*socket));
  }
  return {};
}

Status bind_system(SocketPlan& plan, BoundSockets& bound) {
  for (const SocketPath& system : kSystemSockets) {
    if (!wanted(system.role, plan.intake)) continue;
    const std::filesystem::path path = system.path;
    Status made = make_directory(path.parent_path());
    auto socket = made ? bind_socket(system.role, path, plan)
                       : Result<BoundSocket>(fail(std::move(made.error())));
    if (socket) {
      bound.sockets.push_back(std::move(*socket));
    } else if (plan.takeover == Takeover::kYes) {
      return fail(std::move(socket.error()));
    } else {
      bound.notes.push_back(socket.error().message() + "; left alone");
    }
  }
  return {};
}

}  // namespace

Result<BoundSockets> bind_sockets(SocketPlan plan) {
  BoundSockets bound;
  const mode_t umask_before = umask(0022);
  Status status = bind_own(plan, bound);
  const bool system = plan.takeover == Takeover::kYes ||
                      (plan.takeover == Takeover::kAuto && plan.root);
  if (status && system) status = bind_system(plan, bound);
  (void)umask(umask_before);
  // What is not wanted any more. `plan` closes it.
  for (const auto& [path, socket] : plan.bound_before) {
    (void)unlink(path.c_str());
  }
  if (!status) {
    remove_socket_files(bound.sockets);
    return fail(std::move(status.error()));
  }
  return bound;
}

void remove_socket_files(const std::vector<BoundSocket>& sockets) {
  for (const BoundSocket& socket : sockets) {
    struct stat status {};
    if (lstat(socket.path.c_str(), &status) == 0 &&
        status.st_dev == socket.device && status.st_ino == socket.inode) {
      (void)unlink(socket.path.c_str());
    }
  }
}

uint32_t datagram_queue() {
  constexpr size_t kNumberBytesMax = 32;
  const std::string text = read_small_file(kQueueSetting, kNumberBytesMax);
  uint32_t length = kDatagramQueueOfKernel;
  (void)std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

void raise_datagram_queue() {
  if (datagram_queue() >= kDatagramQueue) return;
  const Fd setting(open(kQueueSetting, O_WRONLY | O_CLOEXEC));
  if (!setting.valid()) return;
  const std::string text = std::to_string(kDatagramQueue) + "\n";
  (void)!write(setting.get(), text.data(), text.size());
}

}  // namespace logd
