#include "logd/store/loss_account.h"

#include "logd/clock.h"

namespace logd {

void LossAccount::add(uint64_t rows, uint64_t bytes, const std::string& cause) {
  if (rows_ == 0) {
    since_us_ = realtime_us();
    cause_ = cause;
  }
  rows_ += rows;
  bytes_ += bytes;
}

Event LossAccount::report() const {
  return {.kind = EventKind::kLost,
          .priority = 2,
          .message = std::to_string(rows_) +
                     " entries were lost because the store could not be "
                     "written: " +
                     cause_,
          .fields = {{"N_DROPPED", std::to_string(rows_)},
                     {"BYTES_DROPPED", std::to_string(bytes_)},
                     {"CAUSE", cause_},
                     {"FIRST_TIME", std::to_string(since_us_)},
                     {"LAST_TIME", std::to_string(realtime_us())}}};
}

void LossAccount::report_posted() {
  reported_ = true;
  reported_rows_ = rows_;
  reported_bytes_ = bytes_;
}

void LossAccount::report_written() {
  if (!reported_) return;
  reported_ = false;
  rows_ -= reported_rows_;
  bytes_ -= reported_bytes_;
  since_us_ = realtime_us();
}

}  // namespace logd
