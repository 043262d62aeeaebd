#include "logd/zone/stream_table.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

namespace logd {
namespace {

// The header's end, behind what is in the head, and the line behind it.
constexpr size_t kLineAt = kStreamHeaderBytesMax - kHeaderInHeadBytes;

int option_of(int fd, int option) {
  int value = -1;
  socklen_t bytes = sizeof value;
  (void)getsockopt(fd, SOL_SOCKET, option, &value, &bytes);
  return value;
}

bool is_stream(int fd) {
  return option_of(fd, SO_TYPE) == SOCK_STREAM &&
         option_of(fd, SO_ACCEPTCONN) == 0;
}

}  // namespace

StreamTable::StreamTable(LandingZone& zone) : zone_(zone) {
  apply();
  give_up_what_is_no_stream();
  free_.clear();
  free_.reserve(kStreamPlaces);
  for (uint32_t place = kStreamPlaces; place-- > 0;) {
    if (!is_held(place)) free_.push_back(place);
  }
}

// A descriptor that is kept will be read and closed: it has to be a stream's,
// and no other place's.
void StreamTable::give_up_what_is_no_stream() {
  std::unordered_set<int> seen;
  for (uint32_t place = 0; place < kStreamPlaces; ++place) {
    if (!is_held(place)) continue;
    StreamHead& head = zone_.stream(place);
    if (!is_stream(head.fd) || !seen.insert(head.fd).second) head.fd = -1;
  }
}

// Places that were never used are not looked at: that would give them pages.
bool StreamTable::is_held(uint32_t place) const {
  return place < zone_.state().stream_places && zone_.stream(place).held != 0;
}

std::vector<KeptStream> StreamTable::kept() const {
  std::vector<KeptStream> streams;
  for (uint32_t place = 0; place < kStreamPlaces; ++place) {
    if (!is_held(place)) continue;
    KeptStream kept{.place = place, .head = zone_.stream(place)};
    const std::span<char> text = zone_.stream_text(place);
    const size_t header =
        std::min<size_t>(kept.head.header_bytes, kStreamHeaderBytesMax);
    const size_t in_head = std::min(header, kHeaderInHeadBytes);
    kept.header.assign(kept.head.header.data(), in_head);
    kept.header.append(text.data(), header - in_head);
    kept.line.assign(text.data() + kLineAt,
                     std::min<size_t>(kept.head.line_bytes, line_bytes_max()));
    streams.push_back(std::move(kept));
  }
  return streams;
}

std::optional<uint32_t> StreamTable::take(const StreamHead& head) {
  if (free_.empty()) return std::nullopt;
  const uint32_t place = free_.back();
  free_.pop_back();
  StreamHead& kept = zone_.stream(place);
  kept = head;
  kept.held = 0;
  zone_.state().stream_places =
      std::max(zone_.state().stream_places, place + 1);
  std::atomic_signal_fence(std::memory_order_release);
  kept.held = 1;
  changed_ = true;
  return place;
}

void StreamTable::free(uint32_t place) {
  zone_.stream(place).held = 0;
  free_.push_back(place);
  changed_ = true;
}

void StreamTable::close_all() {
  for (uint32_t place = 0; place < zone_.state().stream_places; ++place) {
    if (!is_held(place)) continue;
    (void)::close(zone_.stream(place).fd);
    zone_.discard(zone_.stream_text(place));
    free(place);
  }
}

void StreamTable::change(StreamChange change) {
  change.number = zone_.state().applied_change + 1;
  zone_.next().stream = change;
}

void StreamTable::apply() {
  const StreamChange& change = zone_.committed().stream;
  if (change.number != zone_.state().applied_change + 1) return;
  apply(change);
  std::atomic_signal_fence(std::memory_order_release);
  zone_.state().applied_change = change.number;
}

void StreamTable::apply(const StreamChange& change) {
  if (change.place >= kStreamPlaces) return;
  StreamHead& kept = zone_.stream(change.place);
  const std::span<char> text = zone_.stream_text(change.place);
  if (change.head.held == 0) {
    zone_.discard(text);
    kept.held = 0;
    free_.push_back(change.place);
    changed_ = true;
    return;
  }
  const std::string_view bite(zone_.bite().data(), LandingZone::kBiteBytes);
  const auto header = bite.substr(0, change.header_bytes);
  const size_t header_at = change.head.header_bytes - header.size();
  const size_t in_head =
      header_at < kHeaderInHeadBytes
          ? std::min(header.size(), kHeaderInHeadBytes - header_at)
          : 0;
  put(kept.header, header.substr(0, in_head), header_at);
  put(text, header.substr(in_head), header_at + in_head - kHeaderInHeadBytes);
  const auto line = bite.substr(std::min<size_t>(change.line_at, bite.size()),
                                change.line_bytes);
  put(text, line, kLineAt + change.head.line_bytes - line.size());
  const auto header_text = kept.header;
  kept = change.head;
  kept.header = header_text;
}

// Within bounds whatever the numbers say: they may be a dead worker's.
void StreamTable::put(std::span<char> out, std::string_view bytes, size_t at) {
  if (bytes.empty() || at > out.size() || bytes.size() > out.size() - at) {
    return;
  }
  std::memcpy(out.data() + at, bytes.data(), bytes.size());
}

}  // namespace logd
