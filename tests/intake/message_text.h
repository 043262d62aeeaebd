// What the tests of this folder ask of a Message.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "logd/intake/message.h"

namespace logd {

// The first value of that name, if the message has one.
inline std::optional<std::string> value_of(const Message& message,
                                           std::string_view name) {
  for (const auto& field : message.fields) {
    if (field.name == name) return std::string(field.value);
  }
  return std::nullopt;
}

// "name=value" of all fields, in order.
inline std::string text_of(const Message& message) {
  std::string out;
  for (const auto& [name, value] : message.fields) {
    out += std::string(name) + '=' + std::string(value) + '|';
  }
  return out;
}

// Whether each letter of the text (behind a PRI) is in some field: a cheap way
// to see that a parser dropped no words.
inline bool keeps_every_letter(std::string_view text, const Message& message) {
  const auto letters = [](std::string_view bytes) {
    return std::count_if(bytes.begin(), bytes.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
  };
  if (value_of(message, "SYSLOG_RAW") == text) return true;
  auto kept = letters(message.identifier.value_or(""));
  for (const auto& field : message.fields) kept += letters(field.value);
  return kept == letters(text);
}

}  // namespace logd
