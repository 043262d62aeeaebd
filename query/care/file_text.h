// What a file of a store says of itself, as lines of text: for --header, and
// at the head of dump.
#pragma once

#include <string>
#include <string_view>

#include "format/segment_reader.h"
#include "format/wal_reader.h"
#include "query/stamp.h"

namespace logq {

class FileText {
 public:
  explicit FileText(bool utc) : stamp_(StampStyle::kFullPrecise, utc) {}

  // Reads nothing but the file's header and its blocks' headers.
  void append(std::string& out, const logfmt::SegmentReader& segment);
  // `wal` has been read to its end.
  void append(std::string& out, const logfmt::WalReader& wal, uint64_t entries);

  // "  NAME       " at the front of a line.
  static void begin_line(std::string& out, std::string_view name);
  void append_time(std::string& out, uint64_t realtime_us) {
    stamp_.append(out, realtime_us);
  }

 private:
  void append_header(std::string& out, const logfmt::FileHeader& header);

  Stamp stamp_;
};

// "err info none".
std::string priority_names(uint16_t mask);

}  // namespace logq
