// The one encoding of KEY=VALUE pairs on disk: contexts and payloads.
//
//   list  := field*
//   field := varint name_len, name, varint value_len, value
//
// name_len 0 stands for MESSAGE, the name that almost every entry has. Order
// and repetition are kept; values are any bytes. docs/segment_format.md,
// "Field lists", is authoritative.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "format/coding.h"

namespace logfmt {

struct Field {
  std::string_view name;
  std::string_view value;

  bool operator==(const Field&) const = default;
};

void append_field(std::string& list, std::string_view name,
                  std::string_view value);

// A read-only view of an encoded list. Does not own the bytes; they must
// outlive it. Never reads past them: a malformed tail ends the iteration, and
// well_formed() tells (checked once by the readers of this folder).
class FieldList {
 public:
  class iterator;

  FieldList() = default;
  explicit FieldList(std::string_view encoded) : encoded_(encoded) {}

  iterator begin() const;
  iterator end() const;

  // The first value of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  bool well_formed() const;
  std::string_view encoded() const { return encoded_; }

 private:
  std::string_view encoded_;
};

class FieldList::iterator {
 public:
  using value_type = Field;
  using difference_type = std::ptrdiff_t;

  iterator() = default;
  explicit iterator(std::string_view rest) : rest_(rest) { advance(); }

  const Field& operator*() const { return field_; }
  const Field* operator->() const { return &field_; }
  iterator& operator++() {
    advance();
    return *this;
  }
  void operator++(int) { advance(); }
  bool operator==(const iterator& other) const {
    return done_ == other.done_ &&
           (done_ || rest_.size() == other.rest_.size());
  }
  // True when the list ended because its bytes make no sense.
  bool malformed() const { return malformed_; }

 private:
  static constexpr std::string_view kUnnamed = "MESSAGE";

  void advance();

  std::string_view rest_;
  Field field_;
  bool done_ = true;
  bool malformed_ = false;
};

inline void FieldList::iterator::advance() {
  done_ = true;
  if (rest_.empty()) return;
  Decoder decoder(rest_);
  field_.name = decoder.length_prefixed();
  if (field_.name.empty()) field_.name = kUnnamed;
  field_.value = decoder.length_prefixed();
  malformed_ = !decoder.ok();
  if (malformed_) return;
  rest_ = decoder.rest();
  done_ = false;
}

inline FieldList::iterator FieldList::begin() const {
  return iterator(encoded_);
}
inline FieldList::iterator FieldList::end() const { return iterator(); }

}  // namespace logfmt
