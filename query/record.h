// An entry on its way to the output, and the fields that output shows of it.
#pragma once

#include <array>
#include <charconv>
#include <string_view>

#include "format/entry.h"
#include "query/engine/stored_columns.h"

namespace logq {

struct EntryRecord {
  const logfmt::EntryView& entry;
  logfmt::Id128 store_id;  // of the store it was read from, for the cursor
};

// What journald stores as fields and logd keeps in columns
// (engine/stored_columns.h), turned into fields again. Holds their text; lives
// and dies with one entry.
class RecordFields {
 public:
  explicit RecordFields(const logfmt::EntryView& entry) : entry_(entry) {
    priority_ = static_cast<char>('0' + entry.priority);
    pid_length_ = print(pid_, entry.pid);
    realtime_length_ = print(realtime_, entry.realtime_us);
  }
  RecordFields(const RecordFields&) = delete;
  RecordFields& operator=(const RecordFields&) = delete;

  // In the order of output: PRIORITY, the client's fields, the trusted ones.
  template <class Visit>
  void for_each(Visit visit) const {
    using logfmt::Field;
    if (has_priority(entry_)) {
      visit(Field{logfmt::field::kPriority, {&priority_, 1}});
    }
    for (const Field& field : entry_.payload) visit(field);
    if (has_pid(entry_)) {
      visit(Field{logfmt::field::kPid, {pid_.data(), pid_length_}});
    }
    bool stamped = false;
    for (const Field& field : entry_.context) {
      visit(field);
      if (field.name == logfmt::field::kTransport) {
        stamped = has_source_realtime(field.value);
      }
    }
    if (stamped) {
      visit(Field{kSourceRealtimeField, {realtime_.data(), realtime_length_}});
    }
  }

 private:
  using Digits = std::array<char, 20>;

  static size_t print(Digits& digits, uint64_t value) {
    char* const begin = digits.data();
    const auto end = std::to_chars(begin, begin + digits.size(), value);
    return static_cast<size_t>(end.ptr - begin);
  }

  const logfmt::EntryView& entry_;
  char priority_ = '0';
  Digits pid_;
  size_t pid_length_ = 0;
  Digits realtime_;
  size_t realtime_length_ = 0;
};

}  // namespace logq
