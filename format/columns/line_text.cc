#include "format/columns/line_text.h"

#include <cstdint>
#include <cstring>
#include <optional>

namespace logfmt {
namespace {

constexpr char kEscapedFrom = 0x40;

// Whether one of eight bytes is a mark: the only ones that a subtraction of
// kMarkMax + 1 takes below zero, but for those from 0x80 on, which `~` leaves
// out.
bool any_mark(const char* eight) {
  constexpr uint64_t kEach = 0x0101010101010101u;
  uint64_t bytes = 0;
  std::memcpy(&bytes, eight, sizeof bytes);
  return ((bytes - kEach * (kMarkMax + 1)) & ~bytes & kEach * 0x80) != 0;
}

// The first mark, or the end.
size_t find_mark(std::string_view bytes) {
  size_t at = 0;
  while (at + sizeof(uint64_t) <= bytes.size() && !any_mark(&bytes[at])) {
    at += sizeof(uint64_t);
  }
  while (at < bytes.size() && !is_mark(bytes[at])) ++at;
  return at;
}

void append_escaped(std::string_view bytes, std::string& text) {
  while (true) {
    const size_t mark = find_mark(bytes);
    text.append(bytes.substr(0, mark));
    if (mark == bytes.size()) return;
    text += kEscape;
    text += static_cast<char>(bytes[mark] + kEscapedFrom);
    bytes.remove_prefix(mark + 1);
  }
}

std::optional<std::string> unescape(std::string_view bytes) {
  std::string plain;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != kEscape) {
      plain += bytes[i];
      continue;
    }
    if (++i == bytes.size()) return std::nullopt;
    const auto original = static_cast<char>(bytes[i] - kEscapedFrom);
    if (!is_mark(original)) return std::nullopt;
    plain += original;
  }
  return plain;
}

bool append_escaped_field(std::string_view name, std::string_view value,
                          std::string& payload) {
  const auto plain_name = unescape(name);
  const auto plain_value = unescape(value);
  if (!plain_name || !plain_value) return false;
  append_field(payload, *plain_name, *plain_value);
  return true;
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
  const bool escaped = text.find(kEscape) != std::string_view::npos;
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
    if (!escaped) {
      append_field(payload, name, value);
    } else if (!append_escaped_field(name, value, payload)) {
      return false;
    }
  }
  return true;
}

}  // namespace logfmt
