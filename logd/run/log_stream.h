// One stream connection to the log daemon, kept up across its restarts.
//
// What is guaranteed. Bytes are passed on in order and unchanged. One chunk
// is sent at a time, and the next only when the daemon has taken the chunk
// out of the socket (SIOCOUTQ says so). When the connection ends, the kernel
// tells whether that last chunk had been read (end of file) or not
// (ECONNRESET); in the second case it is sent again on the next connection.
// Chunks are whole lines. So a line is neither lost nor stored twice as long
// as the daemon keeps what it has read and reads with a buffer of at least
// LineBuffer::kChunkBytesMax. A daemon that reads in smaller pieces may see
// some lines twice, never too few. A line longer than a chunk that the old
// daemon had read in part is sent again from its beginning. What a daemon
// read and lost before storing it is lost.
//
// While the daemon is away, lines wait in bounded memory (LineBuffer), and
// the connection is tried again after 100 ms, the delay growing to 400 ms.
//
// Edges are needed for progress: see Poller.
#pragma once

#include <string>

#include "format/file.h"
#include "logd/run/line_buffer.h"
#include "logd/run/poller.h"

namespace logrun {

class LogStream {
 public:
  static constexpr std::chrono::milliseconds kRetryMin{100};
  static constexpr std::chrono::milliseconds kRetryMax{400};
  // A daemon that reads nothing for this long counts as away.
  static constexpr std::chrono::seconds kStallMax{5};

  // `header` is sent first on each connection. `poller` outlives the stream.
  LogStream(std::string path, std::string header, Poller& poller);

  void append(std::string_view bytes) { buffer_.append(bytes); }
  void end() { buffer_.end(); }
  void add_lost(const LineCount& lost) { buffer_.add_lost(lost); }
  // Connects, looks for acknowledgement, sends: whatever is possible now.
  void turn(Clock::time_point now);
  // When turn() is due even if no descriptor changes.
  Deadline deadline(Clock::time_point now) const;

  // How much may be appended now; 0 asks the caller to let its source wait.
  // Without limit while the daemon is away or stuck: then the oldest lines are
  // dropped rather than the child stopped.
  size_t room(Clock::time_point now) const;
  bool connected() const { return fd_.valid(); }
  // The daemon has read the header: it knows whose lines these are.
  bool introduced() const { return connected() && !awaiting_header_; }
  bool delivered() const { return buffer_.delivered(); }
  LineCount undelivered() const { return buffer_.undelivered(); }

 private:
  void connect(Clock::time_point now);
  logfmt::Fd open_connection() const;
  void settle(Clock::time_point now);
  void send_next(Clock::time_point now);
  void disconnect(Clock::time_point now);
  bool awaiting() const { return awaiting_header_ || buffer_.in_flight(); }
  bool stalled(Clock::time_point now) const;

  std::string path_;
  std::string header_;
  Poller* poller_;
  LineBuffer buffer_{};
  logfmt::Fd fd_{};
  bool awaiting_header_ = false;
  Clock::time_point sent_at_{};
  Clock::time_point connected_at_{};
  Clock::time_point retry_at_{};
  std::chrono::milliseconds retry_delay_ = kRetryMin;
};

}  // namespace logrun
