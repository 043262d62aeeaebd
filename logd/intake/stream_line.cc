#include "logd/intake/stream_line.h"

#include "logd/intake/claims.h"
#include "logd/intake/text_scan.h"

namespace logd {
namespace {

std::string_view name_of(LineBreak reason) {
  switch (reason) {
    case LineBreak::kNewline:
      return "";
    case LineBreak::kNul:
      return "nul";
    case LineBreak::kLineMax:
      return "line-max";
    case LineBreak::kEof:
      return "eof";
    case LineBreak::kPidChange:
      return "pid-change";
  }
  return "";
}

bool has_level_prefix(std::string_view line) {
  return line.size() >= 3 && line[0] == '<' && line[1] >= '0' &&
         line[1] <= '7' && line[2] == '>';
}

}  // namespace

bool parse_stream_line(std::string_view line, LineBreak reason,
                       const StreamHeader& header, Message& out) {
  out.clear();
  const std::string_view stripped = strip_right(line);
  std::string_view text = stripped.empty() ? line : stripped;
  int level = header.priority & 7;
  if (header.level_prefix && has_level_prefix(text)) {
    level = text[1] - '0';
    text.remove_prefix(3);
  }
  if (text.empty()) return false;

  out.priority = static_cast<uint8_t>(level);
  const int facility = header.priority >> 3;
  if (facility > 0) out.facility = static_cast<int16_t>(facility);
  if (!header.identifier.empty()) out.identifier = header.identifier;
  out.add(logfmt::field::kMessage, text);
  if (reason != LineBreak::kNewline) {
    out.add(field::kLineBreak, name_of(reason));
  }
  return true;
}

}  // namespace logd
