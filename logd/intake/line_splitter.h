// Cuts the body of a stdout stream into lines, whatever the chunks it comes in.
//
// A line ends at \n, at NUL, after line_bytes_max bytes, at the end of the
// stream or where another process begins to write. Exactly line_bytes_max bytes
// and a \n are a full line and an empty one, as in journald.
//
// A line that lies in one chunk is not copied; a part of one is kept until the
// rest comes, in a buffer that grows with it to at most twice line_bytes_max.
// One splitter per stream, one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace logd {

enum class LineBreak : uint8_t { kNewline, kNul, kLineMax, kEof, kPidChange };

class LineSplitter {
 public:
  static constexpr size_t kLineBytesDefault = 48 << 10;  // journald's LineMax
  static constexpr size_t kLineBytesMin = 79;

  explicit LineSplitter(size_t line_bytes_max = kLineBytesDefault)
      : line_bytes_max_(std::max(line_bytes_max, kLineBytesMin)) {}

  // Calls sink(std::string_view line, LineBreak) for each line that ends in
  // this chunk. The line lives during the call only.
  template <class Sink>
  void feed(std::string_view chunk, Sink&& sink);

  // Ends the line that is under way, if any.
  template <class Sink>
  void flush(LineBreak reason, Sink&& sink);

  size_t pending_bytes() const { return pending_.size(); }
  // The begin of a line that another splitter had taken.
  void resume(std::string_view pending) { pending_ = pending; }

 private:
  void clear_pending();

  template <class Sink>
  void emit(std::string_view end_of_line, LineBreak reason, Sink& sink);

  size_t line_bytes_max_;
  std::string pending_;  // begin of a line; holds neither \n nor NUL
};

template <class Sink>
void LineSplitter::feed(std::string_view chunk, Sink&& sink) {
  constexpr size_t kNone = std::string_view::npos;
  // Looked for once per line and not once per NUL: a chunk of NULs alone would
  // otherwise be searched to its end for each of them.
  size_t newline = chunk.find('\n');
  while (!chunk.empty()) {
    // What another splitter had taken may be longer than a line is by now.
    const size_t room =
        line_bytes_max_ - std::min(line_bytes_max_, pending_.size());
    const size_t end = std::min({newline, room, chunk.size()});
    const size_t nul = chunk.substr(0, end).find('\0');
    size_t used = end;
    if (nul != kNone) {
      emit(chunk.substr(0, nul), LineBreak::kNul, sink);
      used = nul + 1;
    } else if (end == newline && end < room) {
      emit(chunk.substr(0, end), LineBreak::kNewline, sink);
      used = end + 1;
    } else if (end == room) {
      emit(chunk.substr(0, end), LineBreak::kLineMax, sink);
    } else {
      pending_.append(chunk);
      return;
    }
    chunk.remove_prefix(used);
    if (newline != kNone) {
      newline = newline >= used ? newline - used : chunk.find('\n');
    }
  }
}

template <class Sink>
void LineSplitter::flush(LineBreak reason, Sink&& sink) {
  if (!pending_.empty()) emit({}, reason, sink);
}

template <class Sink>
void LineSplitter::emit(std::string_view end_of_line, LineBreak reason,
                        Sink& sink) {
  if (pending_.empty()) {
    sink(end_of_line, reason);
    return;
  }
  pending_.append(end_of_line);
  sink(std::string_view(pending_), reason);
  clear_pending();
}

}  // namespace logd
