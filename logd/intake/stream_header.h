// The first seven lines that a client of the stream socket sends: journald's
// stdout protocol. Shared by the daemon (reads it) and logrun (writes it).
//
//   1 identifier            may be empty
//   2 unit                  may be empty
//   3 priority              0-999, facility << 3 included
//   4 level prefix          boolean: lines may begin with <N>
//   5 forward to syslog     boolean, ignored
//   6 forward to kmsg       boolean, ignored
//   7 forward to console    boolean, ignored; or logrun's extension:
//                           "stdout PID" / "stderr PID"
//
// Every line ends in \n, is at most 254 bytes long and is stripped of white
// space. The extension says which stream of which child process this is; the
// daemon believes the PID only when it is a child of the connected peer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/result.h"

namespace logd {

enum class StreamKind : uint8_t { kUnknown, kStdout, kStderr };

struct StreamHeader {
  std::string identifier{};
  std::string unit{};  // as sent; not yet checked nor given a suffix
  int priority = 6;    // facility << 3 | level
  bool level_prefix = true;
  StreamKind kind = StreamKind::kUnknown;
  uint32_t child_pid = 0;  // 0: not said

  static constexpr int kLines = 7;
  static constexpr size_t kLineBytesMax = 254;

  // The seven lines. Texts end at the first line break or NUL and are cut to
  // kLineBytesMax, so that what is sent is always a header.
  std::string encode() const;
};

// Reads a header line by line, whatever the chunks it arrives in.
class StreamHeaderParser {
 public:
  // One line without its \n. An error means: close the connection.
  logfmt::Status take_line(std::string_view line);
  bool complete() const { return line_ == StreamHeader::kLines; }
  const StreamHeader& header() const { return header_; }

 private:
  logfmt::Status take_text(std::string_view text);
  logfmt::Status take_last_line(std::string_view text);

  StreamHeader header_;
  int line_ = 0;
};

}  // namespace logd
