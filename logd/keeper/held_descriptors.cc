#include "logd/keeper/held_descriptors.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "logd/zone/passed_descriptors.h"

namespace logd {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { (void)closedir(directory); }
};

int option_of(int fd, int option) {
  int value = -1;
  socklen_t bytes = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, &value, &bytes) != 0) return -1;
  return value;
}

bool is_connected(int fd) {
  sockaddr_un peer{};
  socklen_t bytes = sizeof peer;
  return getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &bytes) == 0 ||
         (option_of(fd, SO_TYPE) == SOCK_STREAM &&
          option_of(fd, SO_ACCEPTCONN) == 0);
}

bool is_served(const ZoneState& state, const std::string& path) {
  return std::any_of(state.sockets.begin(), state.sockets.end(),
                     [&](const HeldSocket& socket) {
                       return socket.fd >= 0 && socket.has_streams != 0 &&
                              path == socket.path.data();
                     });
}

// What the datagrams of a batch under way have brought.
void add_batch_descriptors(LandingZone& zone, std::vector<int>& held) {
  if (!zone.batch_is_open() || zone.state().armed_kind == BatchKind::kStream) {
    return;
  }
  for (size_t i = 0; i < zone.received(); ++i) {
    for_each_descriptor(zone.control(i), [&](int fd) { held.push_back(fd); });
  }
}

}  // namespace

std::string socket_path(int fd) {
  sockaddr_un address{};
  socklen_t bytes = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bytes) != 0 ||
      address.sun_family != AF_UNIX || bytes <= sizeof(sa_family_t)) {
    return {};
  }
  return {address.sun_path, strnlen(address.sun_path, sizeof address.sun_path)};
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<int> open_descriptors() {
  std::vector<int> descriptors;
  const std::unique_ptr<DIR, CloseDirectory> directory(
      opendir("/proc/self/fd"));
  if (!directory) return descriptors;
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    int fd = -1;
    (void)std::from_chars(name.data(), name.data() + name.size(), fd);
    if (fd > STDERR_FILENO && fd != dirfd(directory.get())) {
      descriptors.push_back(fd);
    }
  }
  return descriptors;
}

std::vector<int> held_descriptors(LandingZone& zone) {
  std::vector<int> held{zone.fd(), zone.state().lock_fd};
  for (const HeldSocket& socket : zone.state().sockets) {
    held.push_back(socket.fd);
  }
  const size_t places =
      std::min<size_t>(zone.state().stream_places, kStreamPlaces);
  for (size_t place = 0; place < places; ++place) {
    const StreamHead& head = zone.stream(place);
    if (head.held != 0) held.push_back(head.fd);
  }
  add_batch_descriptors(zone, held);
  return held;
}

Strays close_strays(LandingZone& zone, std::span<const int> kept) {
  std::vector<int> held = held_descriptors(zone);
  if (zone.state().sockets_bound == 0) {
    for (const HeldSocket& socket : zone.state().sockets) {
      std::erase(held, socket.fd);
    }
  }
  held.insert(held.end(), kept.begin(), kept.end());
  std::sort(held.begin(), held.end());
  Strays strays;
  for (const int fd : open_descriptors()) {
    if (std::binary_search(held.begin(), held.end(), fd)) continue;
    logfmt::Fd stray(fd);
    const std::string path = socket_path(fd);
    if (path.empty()) continue;
    if (!is_connected(fd)) {
      strays.bound.emplace(path, std::move(stray));
    } else if (is_served(zone.state(), path)) {
      strays.connections.push_back(std::move(stray));
    }
  }
  return strays;
}

}  // namespace logd
