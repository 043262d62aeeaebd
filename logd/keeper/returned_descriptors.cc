#include "logd/keeper/returned_descriptors.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "logd/keeper/held_descriptors.h"
#include "logd/zone/passed_descriptors.h"
#include "logd/zone/stream_table.h"

namespace logd {
namespace {

constexpr int kFirstReturned = 3;  // SD_LISTEN_FDS_START
// More than the zone has places for.
constexpr int kReturnedMax = 1 << 16;

std::string taken_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  (void)unsetenv(name);
  return text;
}

std::optional<int> number_of(std::string_view text) {
  int number = -1;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

// Of a name that logd has given.
std::optional<int> wanted_number(std::string_view name) {
  if (!name.starts_with(kStoredPrefix)) return std::nullopt;
  const auto number = number_of(name.substr(kStoredPrefix.size()));
  return number && *number > STDERR_FILENO ? number : std::nullopt;
}

bool is_stream_of(int fd, const StreamHead& head) {
  int type = 0;
  socklen_t bytes = sizeof type;
  ucred peer{};
  socklen_t peer_bytes = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &bytes) == 0 &&
         type == SOCK_STREAM &&
         getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_bytes) == 0 &&
         peer.pid == head.peer.pid && peer.uid == head.peer.uid &&
         peer.gid == head.peer.gid;
}

// And clients still find it there.
bool is_socket_of(int fd, const HeldSocket& socket) {
  struct stat file {};
  const char* path = socket.path.data();
  return socket_path(fd) == path && lstat(path, &file) == 0 &&
         file.st_dev == socket.device && file.st_ino == socket.inode;
}

bool makes_sense(LandingZone& zone) {
  const ZoneState& state = zone.state();
  const uint64_t head = zone.committed().ring_head;
  const uint64_t tail = state.ring_tail;
  // An empty ring's tail goes back to the first byte before its head does.
  const uint64_t apart = tail <= head ? head - tail : tail - head;
  return apart <= zone.ring().size() && state.stream_places <= kStreamPlaces;
}

// The next worker finds them by their paths: which ones are wanted may have
// changed.
void revive_sockets(ZoneState& state, std::set<int>& free) {
  for (HeldSocket& socket : state.sockets) {
    socket.path.back() = '\0';
    if (socket.fd >= 0 && is_socket_of(socket.fd, socket) &&
        free.erase(socket.fd) > 0) {
      continue;
    }
    socket.fd = -1;
  }
  state.sockets_bound = 0;
}

void revive_streams(LandingZone& zone, std::set<int>& free) {
  const StreamTable finish(zone);  // what was committed and not yet applied
  for (size_t place = 0; place < zone.state().stream_places; ++place) {
    StreamHead& head = zone.stream(place);
    if (head.held == 0) continue;
    if (is_stream_of(head.fd, head) && free.erase(head.fd) > 0) continue;
    head.fd = -1;
  }
}

// Their numbers are others' by now.
void forget_passed_descriptors(LandingZone& zone) {
  if (!zone.batch_is_open() || zone.state().armed_kind == BatchKind::kStream) {
    return;
  }
  for (size_t i = 0; i < zone.received(); ++i) {
    msghdr& header = zone.headers()[i].msg_hdr;
    header.msg_controllen =
        std::min(header.msg_controllen, LandingZone::kControlBytes);
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
      if (part->cmsg_type == SCM_RIGHTS) part->cmsg_type = 0;
    }
  }
}

// All that was taken is in files: as far as the store goes, the zone is new. It
// may even be another store.
void forget_store(LandingZone& zone) {
  zone.begin_worker();
  zone.state().armed_batch = 0;
  zone.state().sync_failed = 0;
  zone.state().ring_tail =
      std::max<uint64_t>(zone.state().ring_tail, zone.committed().ring_head);
  zone.next().next_seq = 0;
  zone.next().drops = {};
  zone.commit();
}

}  // namespace

std::vector<int> place_descriptors(std::vector<Placement> all) {
  std::unordered_map<int, size_t> waiting;  // by where they are
  for (size_t i = 0; i < all.size(); ++i) waiting[all[i].fd] = i;
  std::set<int> placed;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto [fd, number] = all[i];
    waiting.erase(fd);
    if (fd == number) {
      if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) placed.insert(number);
      continue;
    }
    if (const auto other = waiting.extract(number); !other.empty()) {
      // Out of the way; its turn will come.
      Placement& moved = all[other.mapped()];
      moved.fd = fcntl(number, F_DUPFD_CLOEXEC, kFirstReturned);
      if (moved.fd >= 0) waiting[moved.fd] = other.mapped();
      (void)close(number);
    }
    const bool is_free = fcntl(number, F_GETFD) < 0;
    if (is_free && dup3(fd, number, O_CLOEXEC) == number) placed.insert(number);
    (void)close(fd);
  }
  return {placed.begin(), placed.end()};
}

ReturnedDescriptors ReturnedDescriptors::from_environment() {
  ReturnedDescriptors returned;
  const auto pid = number_of(taken_variable("LISTEN_PID"));
  const auto count = number_of(taken_variable("LISTEN_FDS"));
  const std::string names = taken_variable("LISTEN_FDNAMES");
  if (pid != getpid() || !count || *count <= 0) return returned;
  raise_descriptor_limit();
  std::vector<Placement> all;
  std::string_view rest = names;
  const int end = kFirstReturned + std::min(*count, kReturnedMax);
  for (int fd = kFirstReturned; fd < end; ++fd) {
    const std::string_view name = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    if (const auto number = wanted_number(name)) {
      all.push_back({fd, *number});
      returned.stored_.insert(*number);
    } else if (close(fd) == 0) {
      returned.notes_.push_back(
          "closed a descriptor from the service manager that logd had not "
          "stored: \"" +
          std::string(name) + "\"");
    }
  }
  returned.numbers_ = place_descriptors(std::move(all));
  return returned;
}

logfmt::Result<TakenZone> ReturnedDescriptors::take_zone(
    size_t line_bytes_max) {
  std::optional<LandingZone> zone;
  for (const int number : numbers_) {
    struct stat file {};
    if (zone || fstat(number, &file) != 0 || !S_ISREG(file.st_mode)) continue;
    auto attached = LandingZone::attach(logfmt::Fd(number));
    if (attached && revive(*attached, numbers_)) {
      zone.emplace(std::move(*attached));
    }
  }
  std::vector<StoredDescriptor> known;
  if (zone) known = worth_storing(*zone);
  std::vector<StoredDescriptor> stored;
  for (const int number : stored_) {
    const StoredDescriptor unknown{.number = number};
    const auto found = std::lower_bound(known.begin(), known.end(), unknown);
    const bool is_known = found != known.end() && found->number == number;
    stored.push_back(is_known ? *found : unknown);
    if (!is_known &&
        std::binary_search(numbers_.begin(), numbers_.end(), number)) {
      (void)close(number);
    }
  }
  if (!zone) {
    auto made = LandingZone::create(line_bytes_max);
    if (!made) return logfmt::fail(std::move(made.error()));
    zone.emplace(std::move(*made));
  }
  return TakenZone{std::move(*zone), std::move(stored), std::move(notes_)};
}

bool revive(LandingZone& zone, std::span<const int> numbers) {
  if (!makes_sense(zone)) return false;
  std::set<int> free(numbers.begin(), numbers.end());
  free.erase(zone.fd());
  ZoneState& state = zone.state();
  state.lock_fd = -1;
  state.loop_fd = -1;
  revive_sockets(state, free);
  revive_streams(zone, free);
  forget_passed_descriptors(zone);
  if (state.last_end == WorkerEnd::kStopped) {
    forget_store(zone);
  } else {
    state.last_end = WorkerEnd::kWithKeeper;
  }
  return true;
}

}  // namespace logd
