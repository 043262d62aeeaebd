// A payload as one piece of text, the form in which templates are looked for.
//
//   text  := field*
//   field := value kFieldEnd | name kNameEnd value kFieldEnd
//
// A field without a name is MESSAGE. Bytes that mean something here (0x00 to
// 0x04) are escaped where they occur in names and values, so that any bytes
// survive: kEscape, then the byte plus 0x40.
#pragma once

#include <string>
#include <string_view>

#include "format/field_list.h"

namespace logfmt {

inline constexpr char kTextEnd = 0x00;   // ends a template, nothing else
inline constexpr char kSlot = 0x01;      // a variable; ends a value in a list
inline constexpr char kFieldEnd = 0x02;  // behind each field's value
inline constexpr char kNameEnd = 0x03;   // between name and value
inline constexpr char kEscape = 0x04;
inline constexpr char kMarkMax = kEscape;

// Whether bytes of the text stand for something else than themselves.
constexpr bool is_mark(char byte) {
  return static_cast<unsigned char>(byte) <= kMarkMax;
}

void append_line_text(const FieldList& payload, std::string& text);

// The inverse; false where `text` is not such a text.
bool append_payload(std::string_view text, std::string& payload);

}  // namespace logfmt
