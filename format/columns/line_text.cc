#include "format/columns/line_text.h"

#include <algorithm>
#include <optional>

namespace logfmt {
namespace {

constexpr char kEscapedFrom = 0x40;

void append_escaped(std::string_view bytes, std::string& text) {
  while (true) {
    const auto mark = std::find_if(bytes.begin(), bytes.end(), is_mark);
    text.append(bytes.begin(), mark);
    if (mark == bytes.end()) return;
    text += kEscape;
    text += static_cast<char>(*mark + kEscapedFrom);
    bytes.remove_prefix(static_cast<size_t>(mark - bytes.begin()) + 1);
  }
}

// `buffer` is used where the bytes are not what they were.
std::optional<std::string_view> unescape(std::string_view bytes,
                                         std::string& buffer) {
  if (bytes.find(kEscape) == std::string_view::npos) return bytes;
  buffer.clear();
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != kEscape) {
      buffer += bytes[i];
      continue;
    }
    if (++i == bytes.size()) return std::nullopt;
    const auto original = static_cast<char>(bytes[i] - kEscapedFrom);
    if (!is_mark(original)) return std::nullopt;
    buffer += original;
  }
  return buffer;
}

}  // namespace

void append_line_text(const FieldList& payload, std::string& text) {
  for (const Field& field : payload) {
    if (field.name != "MESSAGE") {
      append_escaped(field.name, text);
      text += kNameEnd;
    }
    append_escaped(field.value, text);
    text += kFieldEnd;
  }
}

bool append_payload(std::string_view text, std::string& payload) {
  std::string name_buffer;
  std::string value_buffer;
  while (!text.empty()) {
    const size_t end = text.find(kFieldEnd);
    if (end == std::string_view::npos) return false;
    std::string_view value = text.substr(0, end);
    text.remove_prefix(end + 1);
    std::string_view name = "MESSAGE";
    if (const size_t at = value.find(kNameEnd); at != std::string_view::npos) {
      name = value.substr(0, at);
      value.remove_prefix(at + 1);
    }
    const auto plain_name = unescape(name, name_buffer);
    const auto plain_value = unescape(value, value_buffer);
    if (!plain_name || !plain_value) return false;
    append_field(payload, *plain_name, *plain_value);
  }
  return true;
}

}  // namespace logfmt
