// Which bytes may be shown as they are, and what is shown for the others.
//
// Two ideas of "clean" live here. is_printable() and append_stripped() are
// journalctl's: they decide what goes into pipes and files, where its bytes
// are the standard. append_visible() is for terminals: there a log line must
// not be able to move the cursor, change colours, reorder text or look like
// another line, and still nothing of it may be hidden.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace logq {

// Length of the front part that is ASCII without control characters.
size_t plain_prefix(std::string_view text);
// The same, and without the two characters that JSON strings escape.
size_t plain_json_prefix(std::string_view text);

struct CodePoint {
  char32_t value = 0;
  uint8_t bytes = 0;  // 0: not UTF-8, or a code point that is no character
};
// The first code point of `text`, which must not be empty.
CodePoint decode_utf8(std::string_view text);

// UTF-8 throughout, and of the control characters only tab and newline.
bool is_printable(std::string_view text);
// And no newline.
bool is_printable_line(std::string_view text);

// Code points that are not seen but change what is seen: controls, marks of
// direction, zero-width characters, separators of lines, tags.
bool is_deceptive(char32_t code_point);

// As journalctl cleans a message: a tab becomes eight blanks; colour and title
// sequences of ANSI terminals, and a carriage return before the end of a line,
// are left out.
void append_stripped(std::string& out, std::string_view text);

// What surrounds an escape, so that it differs from text that looks like one:
// both empty, or ANSI sequences.
struct EscapeMarks {
  std::string_view before{};
  std::string_view after{};
};

// Deceptive code points as \x1b or \u202e, bytes that are not UTF-8 as \xff, a
// newline too; tabs as eight blanks.
void append_visible(std::string& out, std::string_view text,
                    const EscapeMarks& marks);

}  // namespace logq
