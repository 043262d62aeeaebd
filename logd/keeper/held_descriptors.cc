#include "logd/keeper/held_descriptors.h"

#include <dirent.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

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

bool is_connection_to(int fd, const HeldSocket& listener) {
  sockaddr_un address{};
  socklen_t bytes = sizeof address;
  return listener.fd >= 0 && listener.has_streams != 0 &&
         option_of(fd, SO_TYPE) == SOCK_STREAM &&
         option_of(fd, SO_ACCEPTCONN) == 0 &&
         getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bytes) == 0 &&
         address.sun_family == AF_UNIX &&
         std::strncmp(address.sun_path, listener.path.data(),
                      sizeof address.sun_path) == 0;
}

// What the datagrams of a batch under way have brought.
void add_batch_descriptors(LandingZone& zone, std::vector<int>& held) {
  if (!zone.batch_is_open() || zone.state().armed_kind == BatchKind::kStream) {
    return;
  }
  for (size_t i = 0; i < zone.received(); ++i) {
    msghdr header = zone.headers()[i].msg_hdr;
    header.msg_controllen =
        std::min(header.msg_controllen, LandingZone::kControlBytes);
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
        continue;
      }
      for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= part->cmsg_len;
           at += sizeof(int)) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(part) + at, sizeof fd);
        held.push_back(fd);
      }
    }
  }
}

}  // namespace

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
  for (size_t place = 0; place < zone.state().stream_places; ++place) {
    const StreamHead& head = zone.stream(place);
    if (head.held != 0) held.push_back(head.fd);
  }
  add_batch_descriptors(zone, held);
  return held;
}

std::vector<logfmt::Fd> close_strays(LandingZone& zone,
                                     std::span<const int> kept) {
  std::vector<int> held = held_descriptors(zone);
  held.insert(held.end(), kept.begin(), kept.end());
  std::sort(held.begin(), held.end());
  std::vector<logfmt::Fd> connections;
  for (const int fd : open_descriptors()) {
    if (std::binary_search(held.begin(), held.end(), fd)) continue;
    logfmt::Fd stray(fd);
    const auto& sockets = zone.state().sockets;
    if (std::any_of(sockets.begin(), sockets.end(),
                    [&](const HeldSocket& socket) {
                      return is_connection_to(fd, socket);
                    })) {
      connections.push_back(std::move(stray));
    }
  }
  return connections;
}

}  // namespace logd
