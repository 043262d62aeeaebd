// Entries that the disk did not take: counted until the log itself says so.
//
// The report of a loss is an entry, and can be lost like any other. So the
// count is given up only when the report has been written; a report that was
// lost goes into the next. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "logd/event_log.h"

namespace logd {

class LossAccount {
 public:
  void add(uint64_t rows, uint64_t bytes, const std::string& cause);

  // There is something to report and no report on its way.
  bool due() const { return rows_ > 0 && !reported_; }
  // All that is not yet reported, as an entry of the daemon.
  Event report() const;
  void report_posted();
  void report_written();
  void report_lost() { reported_ = false; }
  uint64_t rows() const { return rows_; }

 private:
  uint64_t rows_ = 0;
  uint64_t bytes_ = 0;
  uint64_t since_us_ = 0;
  std::string cause_{};
  bool reported_ = false;
  uint64_t reported_rows_ = 0;  // of those above, what the report says
  uint64_t reported_bytes_ = 0;
};

}  // namespace logd
