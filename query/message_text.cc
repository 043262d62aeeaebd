#include "query/message_text.h"

#include <algorithm>
#include <array>

#include "query/digits.h"
#include "query/printable.h"

namespace logq {
namespace {

constexpr size_t kNameBytesMax = 300;
constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kDim = "\x1b[2m";

// Bold and the sixteen ANSI colours only: the theme of the terminal decides
// what they look like.
struct PriorityColor {
  std::string_view on;
  std::string_view after_escape;
};
constexpr PriorityColor kError = {"\x1b[1;31m", "\x1b[0;1;31m"};
constexpr PriorityColor kPlain = {"", kReset};
constexpr std::array<PriorityColor, 9> kPriorityColors = {
    kError,
    kError,
    kError,
    kError,
    {"\x1b[33m", "\x1b[0;33m"},
    {"\x1b[1m", "\x1b[0;1m"},
    kPlain,
    {kDim, "\x1b[0;2m"},
    kPlain};

void append_blob(std::string& out, size_t bytes) {
  out += '[';
  append_size(out, bytes);
  out += " blob data]\n";
}

}  // namespace

void append_size(std::string& out, uint64_t bytes) {
  static constexpr std::string_view kUnits = "KMGTPE";
  size_t unit = 0;
  uint64_t scaled = bytes;
  uint64_t tenths = 0;
  while (scaled >= 1024) {
    tenths = (scaled % 1024) * 10 / 1024;
    scaled /= 1024;
    ++unit;
  }
  append_number(out, scaled);
  if (unit == 0) {
    out += 'B';
    return;
  }
  out += '.';
  append_number(out, tenths);
  out += kUnits[unit - 1];
}

void MessageText::append_message(std::string& out, std::string_view text,
                                 Lines lines) {
  if (options_.all || options_.terminal) {
    append_lines(out, text, lines);
    return;
  }
  if (plain_prefix(text) == text.size()) {
    append_line(out, text, lines.priority);
    return;
  }
  stripped_.clear();
  append_stripped(stripped_, text);
  append_value(out, stripped_, lines);
}

void MessageText::append_value(std::string& out, std::string_view text,
                               Lines lines) {
  if (options_.all || options_.terminal || is_printable(text)) {
    append_lines(out, text, lines);
  } else {
    append_blob(out, text.size());
  }
}

void MessageText::append_raw(std::string& out, std::string_view text,
                             Lines lines) {
  if (options_.terminal) {
    append_lines(out, text, lines);
  } else {
    const auto& color = kPriorityColors[lines.priority];
    const bool colored = options_.color && !color.on.empty();
    if (colored) out += color.on;
    out += text;
    if (colored) out += kReset;
    out += '\n';
  }
}

bool MessageText::append_name(std::string& out, std::string_view text) const {
  if (options_.terminal) {
    append_visible(out, text.substr(0, kNameBytesMax), {});
    return true;
  }
  if (!options_.all && (text.size() >= kNameBytesMax || !is_printable(text))) {
    return false;
  }
  out += text;
  return true;
}

void MessageText::append_lines(std::string& out, std::string_view text,
                               Lines lines) {
  for (;;) {
    const size_t end = std::min(text.find('\n'), text.size());
    append_line(out, text.substr(0, end), lines.priority);
    // A newline at the very end does not begin another line.
    text.remove_prefix(std::min(end + 1, text.size()));
    if (text.empty()) return;
    out.append(lines.indent_bytes, ' ');
  }
}

void MessageText::append_line(std::string& out, std::string_view text,
                              uint8_t priority) {
  const PriorityColor& color =
      kPriorityColors[std::min(priority, logfmt::kNoPriority)];
  const bool colored = options_.color && !color.on.empty();
  if (colored) out += color.on;
  if (!options_.terminal) {
    out += text;
  } else if (options_.color) {
    append_visible(out, text, {kDim, color.after_escape});
  } else {
    append_visible(out, text, {});
  }
  if (colored) out += kReset;
  out += '\n';
}

}  // namespace logq
