// Memory that outlives the worker: what it has taken from a socket and not yet
// written to the store.
//
// The kernel copies datagrams, with their lengths, into this memory, so that a
// message leaves its socket only into a safe place. A batch is armed before it
// is received and is over when a commit says so; a batch that is armed and not
// over was on its way when a worker died, and is still here. Finished frames
// lie in a ring (frame_ring.h), unfinished lines in a table (stream_table.h).
//
// A commit makes everything since the last one count at once: there are two
// records, and `current` flips. What comes after it (StreamTable::apply) can be
// repeated.
//
// The memory is a sparse memfd, which keeper and worker map at one address. Its
// bytes are trusted only as far as a dead worker's can be. One thread at once.
#pragma once

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "format/file.h"
#include "logd/store/drop_table.h"
#include "logd/zone/stream_head.h"

namespace logd {

enum class BatchKind : uint32_t { kNone, kSyslog, kNative, kStream };
enum class WorkerEnd : uint32_t { kItself, kStuck, kWithKeeper, kStopped };

// A socket that a worker has bound, for the next one.
struct HeldSocket {
  int32_t fd = -1;
  uint32_t role = 0;
  uint32_t has_streams = 0;  // connections are kept as well
  uint64_t device = 0;
  uint64_t inode = 0;
  std::array<char, 112> path{};
};

struct ZoneCommit {
  uint64_t batch = 0;  // the last one of which anything was taken,
  uint64_t taken = 0;  // and how many of its pieces
  uint64_t ring_head = 0;
  uint64_t next_seq = 0;  // 0: nothing was committed yet
  uint64_t kmsg_next_seq = 0;
  StreamChange stream{};
  DropTable drops{};
};

// What is at the beginning of the memory.
struct ZoneState {
  static constexpr size_t kSocketsMax = 16;

  uint64_t magic;
  uint64_t slot_bytes;  // of a datagram
  uint64_t line_bytes;  // of a stream's unfinished line, at most

  // The keeper's.
  uint32_t starts;           // of workers; 1 is the first
  int32_t last_wait_status;  // how the last one ended
  WorkerEnd last_end;

  // The worker's life.
  std::atomic<uint64_t> beats;
  std::atomic<int32_t> loop_fd;  // readable while something waits; -1
  int32_t lock_fd;
  std::atomic<uint32_t> sync_failed;  // and what it was for is not yet copied
  uint32_t sockets_bound;             // all of them are noted
  uint32_t datagram_queue;            // how many wait in one of them at most
  std::array<HeldSocket, kSocketsMax> sockets;

  // The batch under way.
  std::atomic<uint64_t> armed_batch;  // 0 while it is being prepared
  BatchKind armed_kind;
  uint32_t armed_place;
  uint32_t attempts;  // to take it apart, by workers that came after

  uint64_t applied_change;        // of the table of streams
  uint32_t stream_places;         // those that were ever used are below it
  std::atomic<uint32_t> current;  // which of the commits counts
  std::array<ZoneCommit, 2> commits;
  std::atomic<uint64_t> ring_tail;
};

class LandingZone {
 public:
  static constexpr size_t kDatagrams = 64;
  static constexpr size_t kBiteBytes = 64 << 10;
  static constexpr size_t kControlBytes = 128;

  static logfmt::Result<LandingZone> create(size_t line_bytes_max);
  // Of another keeper, or before an exec; kUnsupported: another version.
  static logfmt::Result<LandingZone> attach(logfmt::Fd memory);
  LandingZone(LandingZone&& other) noexcept;
  ~LandingZone();

  int fd() const { return memory_.get(); }
  ZoneState& state() { return *state_; }
  const ZoneState& state() const { return *state_; }

  // Receive headers of a batch, and of a stream's bite; what came beside a
  // datagram, and beside the bite as the last of all.
  std::span<mmsghdr, kDatagrams> headers();
  mmsghdr& bite_header();
  std::span<const char> control(size_t index) const;
  // Of the memory's, the parts of a datagram's slot, a stream's place, a bite.
  std::span<char> slot(size_t index);
  std::span<char> bite();
  std::span<char> ring();
  StreamHead& stream(size_t index);
  std::span<char> stream_text(size_t index);
  size_t line_bytes() const { return line_bytes_; }
  // Gives the pages of a part back; what was there is zero afterwards.
  void discard(std::span<char> part);

  // Prepares a batch: all lengths unset, none received. `place`: the stream's.
  void arm(BatchKind kind, size_t control_bytes, uint32_t place = 0);
  void resume();               // goes on with the open batch
  bool batch_is_open() const;  // a dead worker left it armed and not over
  // How many pieces of it were received.
  size_t received() const;

  // What the next commit() will say; in a new worker, what the last one said.
  ZoneCommit& next() { return *next_; }
  void begin_worker();  // mends what no worker can have meant
  void commit();
  const ZoneCommit& committed() const;

 private:
  LandingZone(logfmt::Fd memory, char* base, size_t slot_bytes,
              size_t line_bytes);
  static logfmt::Result<LandingZone> map(logfmt::Fd memory, size_t slot_bytes,
                                         size_t line_bytes);
  void point_headers();
  void make_resident();

  logfmt::Fd memory_;
  char* base_;
  size_t slot_bytes_;
  size_t line_bytes_;
  ZoneState* state_;
  std::unique_ptr<ZoneCommit> next_;
};

}  // namespace logd
