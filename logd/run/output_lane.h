// One output of the child (the read end of a pipe, or logrun's own stdin)
// and the stream that it goes to.
//
// Reads whenever the stream has room, up to a bounded amount in one turn.
// The source may be a pipe, a socket, a terminal or a regular file, blocking
// or not: it is read only when the kernel says that this will not block.
#pragma once

#include "format/file.h"
#include "logd/run/log_stream.h"
#include "logd/run/poller.h"

namespace logrun {

class OutputLane {
 public:
  OutputLane(logfmt::Fd source, LogStream stream, Poller& poller);

  // Without `may_read` only what has been read before is delivered.
  void turn(Clock::time_point now, bool may_read = true);
  Deadline deadline(Clock::time_point now) const;

  // No more is read from now on; what has been read is still delivered.
  void close_source();
  bool at_end() const { return !source_.valid(); }
  // At its end, and the daemon has read everything.
  bool done() const { return at_end() && stream_.delivered(); }
  // Nothing has been read since then, although there was room for it.
  Clock::time_point silent_since(Clock::time_point now) const;
  const LogStream& stream() const { return stream_; }

 private:
  void read_source(Clock::time_point now);
  size_t read_once(Clock::time_point now);

  logfmt::Fd source_;
  LogStream stream_;
  Clock::time_point last_read_;
  bool more_to_read_ = false;
};

}  // namespace logrun
