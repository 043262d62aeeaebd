// Entries for the tests of the output: fields are added one by one, and the
// rest is that of one fixed moment.
#pragma once

#include <string>
#include <string_view>

#include "query/output.h"

namespace logq {

class MadeEntry {
 public:
  MadeEntry() {
    entry_.seq = 0x2a;
    entry_.boot_id = *logfmt::Id128::parse("b167fda1e3454dc488c113e579c4218d");
    entry_.realtime_us = 1795326238760597;
    entry_.monotonic_us = 1113025434;
  }

  MadeEntry& context(std::string_view name, std::string_view value) {
    logfmt::append_field(context_, name, value);
    return *this;
  }
  MadeEntry& payload(std::string_view name, std::string_view value) {
    logfmt::append_field(payload_, name, value);
    return *this;
  }
  MadeEntry& priority(uint8_t priority) {
    entry_.priority = priority;
    return *this;
  }
  MadeEntry& pid(uint32_t pid) {
    entry_.pid = pid;
    return *this;
  }
  MadeEntry& at(uint64_t realtime_us, uint64_t monotonic_us) {
    entry_.realtime_us = realtime_us;
    entry_.monotonic_us = monotonic_us;
    return *this;
  }
  MadeEntry& boot(std::string_view id) {
    entry_.boot_id = *logfmt::Id128::parse(id);
    return *this;
  }

  // Valid as long as this entry is, and until fields are added.
  EntryRecord record() {
    entry_.context = logfmt::FieldList(context_);
    entry_.payload = logfmt::FieldList(payload_);
    return {entry_, *logfmt::Id128::parse("0412531b4934402dbcc1c6d7dc184c52")};
  }

 private:
  logfmt::EntryView entry_{};
  std::string context_;
  std::string payload_;
};

// An entry as it usually is: host vm, identifier bot, pid 123, priority info.
inline MadeEntry message(std::string_view text) {
  MadeEntry entry;
  entry.priority(6).pid(123);
  entry.context("_HOSTNAME", "vm").context("SYSLOG_IDENTIFIER", "bot");
  entry.context("_TRANSPORT", "stdout").payload("MESSAGE", text);
  return entry;
}

// What a printer makes of one entry; in UTC.
inline std::string printed(MadeEntry entry, OutputOptions options) {
  options.utc = true;
  std::string out;
  make_printer(options)->print(entry.record(), out);
  return out;
}

}  // namespace logq
