// Entries made of a file of log lines, over and over until there are enough.
//
// The first pass gives the lines as they are. Later passes re-draw numbers
// (numeral_redraw.h), so that no pass repeats another. Stamps come from an
// arrival clock. Each identifier is one process of a unit of its own. The same
// options give the same entries on every machine.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/arrival_clock.h"
#include "bench/entry_source.h"
#include "bench/numeral_redraw.h"
#include "format/result.h"

namespace logbench {

struct CorpusOptions {
  std::string path{};
  // Lines are IDENTIFIER <tab> PRIORITY <tab> MESSAGE and become datagrams of
  // syslog(3), with its fields SYSLOG_TIMESTAMP and SYSLOG_PID. Otherwise a
  // line is a message, empty or not, of one unit's stream.
  bool tagged = false;
  uint64_t entries = 0;  // 0: one pass
  double per_second = 70'000;
  bool whole_seconds = false;  // stamps without microseconds
  bool numbered = false;       // messages end in " seq=000000042"
  // Where not empty: the identifier of one entry in the middle of the stream.
  std::string rare_identifier{};
};

class CorpusSource : public EntrySource {
 public:
  // kInvalidArgument for a line without its three columns.
  static logfmt::Result<CorpusSource> open(const CorpusOptions& options);

  bool next(MadeEntry& entry) override;

 private:
  struct Process {
    std::string context;
    uint32_t pid;
  };
  struct Line {
    const Process* process;
    uint8_t priority;
    std::string_view message;
  };

  explicit CorpusSource(const CorpusOptions& options);
  logfmt::Status read_lines();
  logfmt::Result<Line> parse_tagged(std::string_view line);
  const Process& process(std::string_view identifier);
  void write_payload(const Line& line, MadeEntry& entry);
  std::string_view syslog_stamp(uint64_t realtime_us);

  CorpusOptions options_;
  std::vector<char> text_;  // `lines_` points into it, also when it moves
  std::vector<Line> lines_;
  std::deque<Process> processes_;
  std::unordered_map<std::string, const Process*> by_identifier_;
  ArrivalClock clock_;
  NumeralRedraw redraw_;
  uint64_t made_ = 0;
  std::string message_;
  std::string stamp_;
  uint64_t stamp_s_ = 0;
};

}  // namespace logbench
