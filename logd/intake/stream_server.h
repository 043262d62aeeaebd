// The stream input: journald's stdout protocol, one connection per stream.
//
// A connection begins with a header (stream_header.h), then every line is an
// entry. It is read in bites of 64 KiB into one shared buffer; only the begin
// of an unfinished line is kept per stream, so ten thousand quiet streams cost
// their descriptors and little more. One thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "logd/intake/entry_sink.h"
#include "logd/intake/event_loop.h"
#include "logd/intake/line_splitter.h"
#include "logd/intake/stream_header.h"

namespace logd {

class StreamServer;

class StreamConnection : public EventSource {
 public:
  StreamConnection(logfmt::Fd socket, const Credentials& peer,
                   StreamServer& server);

  // Reads one bite; may end in the connection's destruction.
  void on_ready() override;
  // False when there was nothing to read.
  bool read_once();
  // What is left of an unfinished line becomes an entry.
  void finish();
  int fd() const { return socket_.get(); }

 private:
  enum class Bite { kNothing, kTaken, kClosed };
  Bite take_bite();
  bool take(std::string_view bytes, const Credentials& writer);
  bool take_header(std::string_view& bytes);
  void header_complete();
  void adopt_child(const StreamHeader& header);
  void take_body(std::string_view bytes, const Credentials& writer);
  void store_line(std::string_view line, LineBreak reason);

  logfmt::Fd socket_;
  StreamServer& server_;
  Credentials peer_;
  Credentials writer_;   // of the line under way
  Credentials subject_;  // whose output it is, where the peer only relays
  StreamHeaderParser header_;
  std::string header_line_;
  LineSplitter lines_;
  std::string stream_id_;
  std::string stream_kind_;
  std::optional<StreamUnit> unit_;
  uint64_t now_us_ = 0;
};

class StreamServer : public EventSource {
 public:
  StreamServer(logfmt::Fd listener, size_t line_bytes_max, EventLoop& loop,
               EntrySink& sink);
  ~StreamServer() override;

  // Accepts what waits.
  void on_ready() override;
  // Reads all that waits on all streams once; false when nothing did.
  bool drain_once();
  // Ends all streams; unfinished lines become entries.
  void finish();
  void set_line_bytes_max(size_t bytes) { line_bytes_max_ = bytes; }
  size_t size() const { return streams_.size(); }
  int fd() const { return listener_.get(); }

 private:
  friend class StreamConnection;
  static constexpr size_t kStreamsMax = 16384;
  static constexpr size_t kBiteBytes = 64 << 10;

  bool accept_one();
  void close(StreamConnection& stream);

  logfmt::Fd listener_;
  logfmt::Fd spare_;  // given up to refuse a connection when none are left
  int descriptors_max_;
  size_t line_bytes_max_;
  EventLoop& loop_;
  EntrySink& sink_;
  std::unordered_map<StreamConnection*, std::unique_ptr<StreamConnection>>
      streams_;
  std::unique_ptr<char[]> buffer_ = std::make_unique<char[]>(kBiteBytes);
  Message message_;
};

}  // namespace logd
