// journald's native protocol: a datagram or memory file of fields.
//
//   field  := NAME '=' text '\n'  |  NAME '\n' le64 size, bytes, '\n'
//   entry  := field*, ended by an empty line or the end
//
// Lines that begin with '.' or '#' are ignored, text behind the last '\n' is
// noise. A binary size that does not fit ends the datagram; the fields before
// it count. Names are 1-64 of [A-Z0-9_], neither a digit nor '_' (which marks
// trusted fields) first; fields of other names are dropped, the rest is kept.
//
// Source: journald 252. Unlike there, an entry that breaks a limit does not
// take the entries after it along. Linear in the datagram's size; allocates
// nothing once the Message is warm.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "logd/intake/message.h"

namespace logd {

struct NativeCounters {
  uint64_t entries_dropped = 0;  // beyond kFieldsPerEntryMax, kEntryBytesMax
  uint64_t fields_dropped = 0;   // names that a client may not use
};

// A cursor over the entries of one datagram, which must outlive the messages.
// `counters` are added to.
class NativeParser {
 public:
  NativeParser(std::string_view datagram, NativeCounters& counters)
      : rest_(datagram), counters_(counters) {}

  // Clears `out` and fills it with the next entry; false at the end. Entries
  // without any valid field are passed over.
  //
  // The first PRIORITY goes to out.priority when it is one digit 0-7, the first
  // SYSLOG_FACILITY to out.facility when it is a plain 0-23, the first
  // SYSLOG_IDENTIFIER to out.identifier up to kIdentifierBytesMax. All else is
  // in out.fields as sent, equal fields once.
  bool next(Message& out);

 private:
  enum class Step { kField, kSkipped, kEntryEnd };

  struct Entry {
    size_t bytes = 0;
    bool too_big = false;
    bool names_repeat = false;       // may be a false alarm
    std::bitset<1024> names_seen{};  // by hash
  };

  bool take_entry(Message& out);
  Step take_field(logfmt::Field& out);
  bool take_binary_value(size_t name_size, std::string_view& out);
  Step end_datagram();
  static void add(const logfmt::Field& field, Entry& entry, Message& out);

  std::string_view rest_;
  NativeCounters& counters_;
};

}  // namespace logd
