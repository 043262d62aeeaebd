// What is kept of a stream between two reads, so that another worker can go on
// in the middle of a line. Plain data: it lies in the landing zone.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>

namespace logd {

// Places in the table. Their text is sparse memory.
inline constexpr size_t kStreamPlaces = 16384;
// The header as it was sent: seven lines of up to 254 bytes, and one that is
// too long before that is noticed. Nearly all fit the first part, in the head.
inline constexpr size_t kStreamHeaderBytesMax = 2048;
inline constexpr size_t kHeaderInHeadBytes = 120;
// An unfinished line may at least be this long.
inline constexpr size_t kStreamLineBytesMin = 62 << 10;

struct StreamPeer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

struct StreamHead {
  int32_t fd = 0;
  uint32_t held = 0;  // 0: the place is free
  uint32_t header_bytes = 0;
  uint32_t line_bytes = 0;  // of the line under way
  StreamPeer peer{};
  StreamPeer writer{};  // of that line
  pid_t subject = 0;    // whose output it is
  std::array<uint8_t, 16> id{};
  std::array<char, kHeaderInHeadBytes> header{};  // not told by a change
};

// What a commit changes in a place: the head, and where bytes of the bite go.
struct StreamChange {
  static constexpr uint32_t kNone = UINT32_MAX;

  uint64_t number = 0;  // of the change; each has another one
  uint32_t place = kNone;
  StreamHead head{};
  uint32_t header_bytes = 0;  // that the bite begins with; the header's last
  uint32_t line_at = 0;       // in the bite, bytes that are the line's last
  uint32_t line_bytes = 0;
};

}  // namespace logd
