// Entries of a journal, in systemd's Journal Export Format, as the daemon
// would store them had they come through its own sockets.
//
// What describes the sender goes into the context: trusted fields, the
// identifier and the facility. The address fields (__REALTIME_TIMESTAMP, ...),
// _BOOT_ID, _PID and a PRIORITY from 0 to 7 are members of an entry. All else
// is payload, also the trusted fields that differ from entry to entry: source
// stamps and what the kernel and its audit say of an event. No field is left
// out but cursors. The daemon writes contexts in one order of fields; here it
// is that of their names, because a journal has them in any.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "bench/entry_source.h"
#include "format/result.h"

namespace logbench {

class ExportSource : public EntrySource {
 public:
  // Reads the file into memory. kCorrupt where it is not in that format.
  static logfmt::Result<ExportSource> open(const std::string& path);

  bool next(MadeEntry& entry) override;

 private:
  logfmt::Status parse(std::string_view text);
  void add_field(const logfmt::Field& field, MadeEntry& entry);
  void end_entry(MadeEntry& entry);

  std::deque<MadeEntry> entries_;
  std::unordered_set<std::string> contexts_;
  std::vector<logfmt::Field> sender_;  // of the entry that is read
};

}  // namespace logbench
