#include "logd/intake/kmsg_parser.h"

#include <algorithm>
#include <charconv>

#include "logd/intake/claims.h"

namespace logd {
namespace {

// Takes digits up to `end`; false where there is something else.
bool take_number(std::string_view& rest, char end, uint64_t& value) {
  const size_t at = rest.find(end);
  if (at == std::string_view::npos) return false;
  const char* stop = rest.data() + at;
  const auto parsed = std::from_chars(rest.data(), stop, value);
  if (parsed.ec != std::errc{} || parsed.ptr != stop) return false;
  rest.remove_prefix(at + 1);
  return true;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The kernel writes bytes that are not plain text as \xHH.
void unescape(std::string_view in, std::string& out) {
  out.clear();
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '\\' && i + 3 < in.size() && in[i + 1] == 'x') {
      const int high = hex_value(in[i + 2]);
      const int low = hex_value(in[i + 3]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high << 4 | low);
        i += 3;
        continue;
      }
    }
    out += in[i];
  }
}

// "systemd[1]: Started" from a process that writes to /dev/kmsg.
void take_identifier(std::string_view& text, Message& message) {
  const size_t colon = text.find(": ");
  const size_t blank = text.find(' ');
  if (colon == std::string_view::npos || blank < colon || colon == 0 ||
      colon > kIdentifierBytesMax) {
    return;
  }
  std::string_view name = text.substr(0, colon);
  const size_t open = name.find('[');
  if (open != std::string_view::npos && name.ends_with(']')) {
    message.add(field::kSyslogPid,
                name.substr(open + 1, name.size() - open - 2));
    name = name.substr(0, open);
  }
  message.identifier = name;
  text.remove_prefix(colon + 2);
}

void add_dictionary(std::string_view lines, Message& message) {
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    const auto line = lines.substr(0, end);
    if (line.starts_with(" DEVICE=")) {
      message.add("_KERNEL_DEVICE", line.substr(8));
    } else if (line.starts_with(" SUBSYSTEM=")) {
      message.add("_KERNEL_SUBSYSTEM", line.substr(11));
    }
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

}  // namespace

bool parse_kmsg(std::string_view line, KmsgRecord& out) {
  Message& message = out.message;
  message.clear();
  uint64_t priority = 0;
  if (!take_number(line, ',', priority) || !take_number(line, ',', out.seq) ||
      !take_number(line, ',', out.monotonic_us)) {
    return false;
  }
  const size_t head_end = line.find(';');
  if (head_end == std::string_view::npos) return false;
  line.remove_prefix(head_end + 1);
  message.priority = static_cast<uint8_t>(priority & 7);
  message.facility =
      static_cast<int16_t>(std::min<uint64_t>(priority >> 3, kFacilityMax));
  const size_t text_end = std::min(line.find('\n'), line.size());
  unescape(line.substr(0, text_end), out.text);
  std::string_view text = out.text;
  if (message.facility == 0) {
    message.identifier = "kernel";
  } else {
    take_identifier(text, message);
  }
  out.monotonic_text = std::to_string(out.monotonic_us);
  message.add("_SOURCE_MONOTONIC_TIMESTAMP", out.monotonic_text);
  message.add(logfmt::field::kMessage, text);
  add_dictionary(line.substr(std::min(text_end + 1, line.size())), message);
  return true;
}

}  // namespace logd
