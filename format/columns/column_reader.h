// One column of a block's text: what ColumnEncoder wrote, value by value.
//
// Reading goes in three steps, so that a search need not take the later ones:
// descriptors tell the kind, strings the text that there is, numbers the rest.
// Each step checks what it reads and refuses what makes no sense. Views point
// into the buffers that were given, which have to outlive the column.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/coding.h"
#include "format/columns/column_kind.h"
#include "format/columns/text_buffer.h"

namespace logfmt {

class ColumnReader {
 public:
  // Of a column with so many values. False where it is not one.
  bool read_descriptor(Decoder& in, size_t values);
  // Takes its share from the front of `strings`; nothing is looked at yet.
  bool read_strings(std::string_view& strings);
  // Likewise of `numbers`; nothing is decoded yet.
  bool read_numbers(std::string_view& numbers);
  // Decodes the numbers; needed before append(). Cheap when it was done. A
  // keyed column needs, for each value, the entry in its key_slot().
  bool decode(std::span<const uint32_t> key_entries = {});
  bool decoded() const { return decoded_; }
  uint32_t key_slot() const { return key_slot_; }

  ColumnKind kind() const { return kind_; }
  // Whether its values are entries of a list that is shorter than the column.
  bool has_entries() const {
    return kind_ == ColumnKind::kDictionary || kind_ == ColumnKind::kKeyed;
  }
  size_t size() const { return values_; }
  void append(size_t index, TextBuffer& out) const;

  // Text, dictionary and keyed: the strings there are, one behind the other and
  // each ended by kSlot, to be searched at once.
  std::string_view strings() const { return strings_; }
  size_t entry_count() const { return entry_count_; }
  // Finds the entries; needed before entry() and entry_at(), and part of
  // decode(). False where there are not as many as there should be.
  bool find_entries();
  // The entry that holds this offset of strings().
  size_t entry_at(size_t offset) const;
  std::string_view entry(size_t entry) const;
  // The entry of a value; after decode().
  size_t entry_of(size_t index) const {
    return has_entries() ? numbers_[index] : index;
  }

  // Split: static text with a kSlot for each of these columns.
  std::string_view pattern() const { return pattern_; }
  const std::vector<ColumnReader>& parts() const { return parts_; }

 private:
  bool read_split(Decoder& in);
  bool decode_entries(std::span<const uint32_t> key_entries);
  void decode_numbers();
  void append_number(uint64_t number, TextBuffer& out) const;

  ColumnKind kind_ = ColumnKind::kText;
  uint8_t planes_ = 0;
  uint8_t width_ = 0;
  bool decoded_ = false;
  uint32_t values_ = 0;
  uint32_t key_slot_ = 0;
  uint64_t base_ = 0;  // the least or first number
  uint64_t strings_bytes_ = 0;
  size_t entry_count_ = 0;
  std::string_view strings_;
  std::string_view plane_bytes_;
  std::string_view pattern_;
  std::vector<uint32_t> entry_ends_;  // where in strings_ the kSlot is
  std::vector<uint64_t> numbers_;     // ids of entries, or the values
  std::vector<ColumnReader> parts_;
};

}  // namespace logfmt
