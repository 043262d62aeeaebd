// The text of a field inside the formats that people read.
//
// Off a terminal the bytes are journalctl's: cleaned of colours, or replaced
// by "[13B blob data]". On a terminal every byte is shown, deceptive ones as
// escapes. Further lines are indented either way, so that no line of a message
// can pass for the beginning of an entry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/entry.h"

namespace logq {

struct TextOptions {
  bool all = false;       // -a: bytes as they are, unless on a terminal
  bool terminal = false;  // escape
  bool color = false;
};

struct Lines {
  size_t indent_bytes = 0;                 // of the second and further lines
  uint8_t priority = logfmt::kNoPriority;  // chooses the colour
};

class MessageText {
 public:
  explicit MessageText(TextOptions options) : options_(options) {}

  // A message, cleaned, and a newline.
  void append_message(std::string& out, std::string_view text, Lines lines);
  // A value that is shown as it is where it is printable, and a newline.
  void append_value(std::string& out, std::string_view text, Lines lines);
  // Bytes as they are (but escaped on a terminal), and a newline.
  void append_raw(std::string& out, std::string_view text, Lines lines);
  // A name in front of a message. False, and nothing appended, where
  // journalctl leaves it out: 300 bytes or more, or not printable.
  bool append_name(std::string& out, std::string_view text) const;

 private:
  void append_lines(std::string& out, std::string_view text, Lines lines);
  void append_line(std::string& out, std::string_view text, uint8_t priority);

  TextOptions options_;
  std::string stripped_{};  // keeps its capacity between messages
};

// "13B", "1.2K": sizes as journalctl writes them.
void append_size(std::string& out, uint64_t bytes);

}  // namespace logq
