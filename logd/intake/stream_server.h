// The stream input: journald's stdout protocol, one connection per stream.
//
// A connection begins with a header (stream_header.h), then every line is an
// entry. It is read in bites of 64 KiB into the landing zone; only the begin
// of an unfinished line is kept per stream, so ten thousand quiet streams cost
// their descriptors and little more. What a stream has said so far is in the
// zone's table too, and adopt() goes on from there. One thread.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>

#include "logd/intake/entry_sink.h"
#include "logd/intake/event_loop.h"
#include "logd/intake/line_splitter.h"
#include "logd/intake/stream_header.h"
#include "logd/zone/stream_table.h"

namespace logd {

class StreamServer;

class StreamConnection : public EventSource {
 public:
  // A new one, and one that another worker had read from.
  StreamConnection(logfmt::Fd socket, const Credentials& peer,
                   StreamServer& server);
  StreamConnection(KeptStream kept, StreamServer& server);

  // Reads one bite; may end in the connection's destruction.
  void on_ready() override;
  // False when there was nothing to read.
  bool read_once();
  // Takes the bite that a worker left which died over it. `crashed`: it was
  // not killed from outside. The second time, the bite is stored as it came.
  void resume_bite(bool crashed);
  // What is left of an unfinished line becomes an entry, and nothing is kept.
  void finish();
  // The same of a line of which nothing waits, and the stream goes on.
  void end_line();
  int fd() const { return socket_.get(); }
  uint32_t place() const { return place_; }

 private:
  friend class StreamServer;
  enum class Bite { kNothing, kTaken, kClosed };
  Bite take_bite();
  Bite take_received();
  bool take(std::string_view bytes, const Credentials& writer);
  bool take_header(std::string_view& bytes);
  void header_complete();
  void adopt_child(const StreamHeader& header);
  void take_body(std::string_view bytes, const Credentials& writer);
  void store_line(std::string_view line, LineBreak reason);
  void store(const Message& message);
  void store_raw(std::string_view bytes);
  StreamHead head() const;
  void commit_bite(size_t bite_bytes);

  logfmt::Fd socket_;
  StreamServer& server_;
  uint32_t place_ = 0;
  Credentials peer_;
  Credentials writer_;   // of the line under way
  Credentials subject_;  // whose output it is, where the peer only relays
  StreamHeaderParser header_;
  std::string header_text_;   // until it is complete
  size_t header_bytes_ = 0;   // so far
  size_t header_bitten_ = 0;  // of them, in this bite
  LineSplitter lines_;
  bool line_ended_ = false;  // in this bite
  logfmt::Id128 stream_id_;
  std::string stream_id_text_;
  std::string stream_kind_;
  std::optional<StreamUnit> unit_;
  uint64_t now_us_ = 0;
};

class StreamServer : public EventSource {
 public:
  StreamServer(logfmt::Fd listener, size_t line_bytes_max, EventLoop& loop,
               EntrySink& sink, StreamTable& table);
  ~StreamServer() override;

  // Accepts what waits.
  void on_ready() override;
  // Reads all that waits on all streams once, and may accept another one; false
  // when nothing waited.
  bool drain_once(bool accepts);
  // Streams that an earlier worker had: those in the table, and a connection
  // that it had accepted and not come to note.
  void adopt(KeptStream kept);
  void adopt(logfmt::Fd socket) { (void)take_connection(std::move(socket)); }
  StreamConnection* find(uint32_t place);
  // Ends all streams; unfinished lines become entries.
  void finish();
  // Unfinished lines become entries and streams go on, for the next worker.
  void end_lines();
  // Ends the adopted streams that have no descriptor any more.
  void finish_lost();
  // For streams from now on; never more than the table has room for.
  void set_line_bytes_max(size_t bytes) {
    line_bytes_max_ = std::min(bytes, table_.line_bytes_max());
  }
  size_t size() const { return streams_.size(); }
  int fd() const { return listener_.get(); }

 private:
  friend class StreamConnection;

  bool accept_one();
  bool take_connection(logfmt::Fd socket);
  void watch(std::unique_ptr<StreamConnection> stream);
  void close(StreamConnection& stream);

  logfmt::Fd listener_;
  logfmt::Fd spare_;  // given up to refuse a connection when none are left
  int descriptors_max_;
  size_t line_bytes_max_;
  EventLoop& loop_;
  EntrySink& sink_;
  StreamTable& table_;
  std::unordered_map<StreamConnection*, std::unique_ptr<StreamConnection>>
      streams_;
  Message message_;
};

}  // namespace logd
