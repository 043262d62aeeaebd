#include "format/field_list.h"

#include "format/coding.h"

namespace logfmt {
namespace {

constexpr std::string_view kMessageName = "MESSAGE";

}  // namespace

void append_field(std::string& list, std::string_view name,
                  std::string_view value) {
  if (name == kMessageName) {
    append_varint(list, 0);
  } else {
    append_varint(list, name.size());
    list.append(name);
  }
  append_varint(list, value.size());
  list.append(value);
}

std::optional<std::string_view> FieldList::find(std::string_view name) const {
  for (const Field& field : *this) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

bool FieldList::well_formed() const {
  auto it = begin();
  while (it != end()) ++it;
  return !it.malformed();
}

}  // namespace logfmt
