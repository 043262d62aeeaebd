// The same entries as a text log, in rsyslog's file format, so that the tools
// for text can be asked the same questions:
//
//   2026-01-05T12:00:00.000042+00:00 HOST IDENTIFIER[PID]: MESSAGE
//
// Newlines within a message become #012, as rsyslog writes them.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "bench/entry_source.h"
#include "format/result.h"

namespace logbench {

class TextLog {
 public:
  static logfmt::Result<TextLog> create(const std::string& path);

  void add(const MadeEntry& entry);
  // Fails where any of the text could not be written.
  logfmt::Status finish();

 private:
  TextLog(std::string path, std::ofstream file);
  std::string_view second(uint64_t realtime_s);

  std::string path_;
  std::ofstream file_;
  std::string line_;
  std::string second_text_;
  uint64_t second_ = 0;
};

}  // namespace logbench
