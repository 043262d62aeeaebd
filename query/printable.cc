#include "query/printable.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "query/digits.h"

namespace logq {
namespace {

constexpr std::string_view kTabBlanks = "        ";

// Sixteen bytes that are looked at at once. As signed numbers, control
// characters and all bytes beyond ASCII are below the blank.
using Lanes = signed char __attribute__((vector_size(16)));

// All bits set in the lanes whose bytes are special. (Lambdas, not functions:
// the loops below are compiled for each of them.)
constexpr auto kSpecialLanes = [](Lanes lanes) -> Lanes {
  return (lanes < ' ') | (lanes == 0x7f);
};
constexpr auto kSpecialJsonLanes = [](Lanes lanes) -> Lanes {
  return kSpecialLanes(lanes) | (lanes == '"') | (lanes == '\\');
};

// Which of the sixteen bytes at `at` comes first of those that are marked, 16
// if none is.
template <class Special>
size_t first_special(const char* at, Special special) {
  Lanes lanes;
  std::memcpy(&lanes, at, sizeof lanes);
  const auto marks = std::bit_cast<std::array<uint64_t, 2>>(special(lanes));
  if ((marks[0] | marks[1]) == 0) return sizeof lanes;
  const int first = marks[0] != 0 ? std::countr_zero(marks[0])
                                  : 64 + std::countr_zero(marks[1]);
  return static_cast<size_t>(first) / 8;
}

// Length of the front part without a byte that `special` marks.
template <class Special>
size_t prefix_without(std::string_view text, Special special) {
  constexpr size_t kStep = sizeof(Lanes);
  if (text.size() < kStep) {
    char padded[kStep];
    std::memset(padded, ' ', kStep);
    std::memcpy(padded, text.data(), text.size());
    return std::min(first_special(padded, special), text.size());
  }
  // The last step may overlap the one before, where nothing was found.
  const size_t last = text.size() - kStep;
  for (size_t at = 0; at < last; at += kStep) {
    const size_t first = first_special(text.data() + at, special);
    if (first != kStep) return at + first;
  }
  return last + first_special(text.data() + last, special);
}

bool is_character(char32_t value) {
  if (value > 0x10FFFF || (value & 0xFFFE) == 0xFFFE) return false;
  if (value >= 0xD800 && value <= 0xDFFF) return false;
  return value < 0xFDD0 || value > 0xFDEF;
}

bool is_control(char32_t value) {
  return value < 0x20 || (value >= 0x7F && value <= 0x9F);
}

bool printable_except(std::string_view text, bool newline_allowed) {
  for (;;) {
    text.remove_prefix(plain_prefix(text));
    if (text.empty()) return true;
    const CodePoint next = decode_utf8(text);
    if (next.bytes == 0) return false;
    const bool allowed =
        next.value == '\t' || (next.value == '\n' && newline_allowed);
    if (is_control(next.value) && !allowed) return false;
    text.remove_prefix(next.bytes);
  }
}

struct CodePointRange {
  char32_t first;
  char32_t last;
};

constexpr auto kDeceptive = std::to_array<CodePointRange>({
    {0x0000, 0x001F},    // C0
    {0x007F, 0x009F},    // DEL and C1
    {0x00AD, 0x00AD},    // soft hyphen
    {0x061C, 0x061C},    // Arabic letter mark
    {0x115F, 0x1160},    // fillers, blank but not spaces
    {0x180B, 0x180F},    // Mongolian selectors and vowel separator
    {0x200B, 0x200F},    // zero width, marks of direction
    {0x2028, 0x202E},    // line and paragraph separators, embeddings
    {0x2060, 0x206F},    // word joiner, invisible operators, isolates
    {0x3164, 0x3164},    // Hangul filler
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // half-width filler
    {0xFFF9, 0xFFFB},    // interlinear annotation
    {0x1BCA0, 0x1BCA3},  // shorthand format controls
    {0x1D173, 0x1D17A},  // musical format controls
    {0xE0000, 0xE0FFF},  // tags and further variation selectors
});

void append_hex(std::string& out, uint32_t value, int digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out += kDigits[value >> shift & 15];
  }
}

void append_escape(std::string& out, char32_t value, bool is_byte) {
  if (is_byte || value < 0x80) {
    out += "\\x";
    append_hex(out, value, 2);
  } else if (value < 0x10000) {
    out += "\\u";
    append_hex(out, value, 4);
  } else {
    out += "\\U";
    append_hex(out, value, 8);
  }
}

// Length of a terminal sequence at the front of `text`, 0 if there is none:
// ESC [ digits and semicolons m, or ESC ] printable ASCII BEL.
size_t sequence_length(std::string_view text) {
  if (text.size() < 3 || text[0] != '\x1b') return 0;
  size_t end = 2;
  if (text[1] == '[') {
    end = text.find_first_not_of("0123456789;", end);
    return end != text.npos && text[end] == 'm' ? end + 1 : 0;
  }
  if (text[1] != ']') return 0;
  while (end < text.size() && text[end] >= ' ' && text[end] <= '~') ++end;
  return end < text.size() && text[end] == '\a' ? end + 1 : 0;
}

// ESC and a character that opens no sequence of the two kinds: both stay.
bool starts_unknown_sequence(std::string_view text) {
  return text.size() >= 2 && text[0] == '\x1b' && text[1] != '[' &&
         text[1] != ']';
}

// Length of the carriage returns at the front that only end a line.
size_t line_end_returns(std::string_view text) {
  const size_t end = std::min(text.find_first_not_of('\r'), text.size());
  return end == text.size() || text[end] == '\n' ? end : 0;
}

}  // namespace

size_t plain_prefix(std::string_view text) {
  return prefix_without(text, kSpecialLanes);
}

size_t plain_json_prefix(std::string_view text) {
  return prefix_without(text, kSpecialJsonLanes);
}

CodePoint decode_utf8(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text.front());
  if (lead < 0x80) return {lead, 1};
  const auto bytes = static_cast<uint8_t>(std::countl_one(lead));
  if (bytes < 2 || bytes > 4 || text.size() < bytes) return {};
  char32_t value = lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) return {};
    value = value << 6 | (byte & 0x3Fu);
  }
  static constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800,
                                                     0x10000};
  if (value < kLeast[bytes] || !is_character(value)) return {};
  return {value, bytes};
}

bool is_printable(std::string_view text) {
  return printable_except(text, true);
}

bool is_printable_line(std::string_view text) {
  return printable_except(text, false);
}

bool is_deceptive(char32_t code_point) {
  return std::any_of(kDeceptive.begin(), kDeceptive.end(),
                     [code_point](const CodePointRange& range) {
                       return code_point >= range.first &&
                              code_point <= range.last;
                     });
}

void append_stripped(std::string& out, std::string_view text) {
  for (;;) {
    const size_t plain = plain_prefix(text);
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    size_t length = std::max(sequence_length(text), line_end_returns(text));
    if (length == 0) {
      length = starts_unknown_sequence(text) ? 2 : 1;
      const auto kept = text.substr(0, length);
      out += kept == "\t" ? kTabBlanks : kept;
    }
    text.remove_prefix(length);
  }
}

void append_visible(std::string& out, std::string_view text,
                    const EscapeMarks& marks) {
  for (;;) {
    const size_t plain = plain_prefix(text);
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const CodePoint next = decode_utf8(text);
    const size_t length = std::max<size_t>(next.bytes, 1);
    if (next.value == '\t') {
      out += kTabBlanks;
    } else if (next.bytes == 0 || is_deceptive(next.value)) {
      const auto byte = static_cast<uint8_t>(text.front());
      out += marks.before;
      append_escape(out, next.bytes == 0 ? byte : next.value, next.bytes == 0);
      out += marks.after;
    } else {
      out.append(text.data(), length);
    }
    text.remove_prefix(length);
  }
}

}  // namespace logq
