#include "logd/store/store_writer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "format/checksum.h"
#include "format/limits.h"
#include "logd/clock.h"

namespace logd {
namespace {

// A smaller change is the clock being slewed, not stepped.
constexpr int64_t kStepUs = 50'000;

int64_t measure_clock_offset_us() {
  return static_cast<int64_t>(realtime_us() - monotonic_us());
}

}  // namespace

StoreWriter::StoreWriter(const StoreParts& parts, uint64_t next_seq,
                         uint64_t last_batch_id)
    : parts_(parts),
      frame_(logfmt::checksum_seed(parts.store.id())),
      next_seq_(next_seq),
      batch_id_(last_batch_id),
      clock_offset_us_(measure_clock_offset_us()) {}

void StoreWriter::commit() {
  if (frame_.empty()) return;
  watch_clock();
  if (auto status = write_frame(); !status) {
    count_drop(status.error());
    if (frame_reports_loss_) losses_.report_lost();
    frame_reports_loss_ = false;
    frame_.clear();
    frame_.start_epoch();  // its contexts were not written
    urgent_ = false;
    return;
  }
  next_seq_ += frame_.rows();
  stored_rows_ += frame_.rows();
  frame_.clear();
  if (std::exchange(frame_reports_loss_, false)) losses_.report_written();
  parts_.syncer.note_written(
      wal_, next_seq_, urgent_ ? Urgency::kAtOnce : Urgency::kWithinInterval);
  urgent_ = false;
  if (losses_.due() && parts_.events.post(losses_.report())) {
    losses_.report_posted();
  }
  const bool suspect = parts_.syncer.take_failure();
  if (suspect) report_suspect();
  if (suspect || wal_->bytes() >= logfmt::kWalBytes) close_wal();
  if (realtime_us() >= rotate_at_us_) rotate();
}

logfmt::Status StoreWriter::write_frame() {
  if (!wal_) {
    const logfmt::FileHeader identity{.magic = logfmt::kWalMagic,
                                      .store = parts_.store.id(),
                                      .boot = parts_.boot_id,
                                      .first_seq = next_seq_,
                                      .created_us = realtime_us()};
    auto wal = logfmt::WalWriter::create(parts_.store.fd(), identity);
    if (!wal) return logfmt::fail(std::move(wal.error()));
    wal_ = std::make_shared<logfmt::WalWriter>(std::move(*wal));
    if (rotate_at_us_ == UINT64_MAX &&
        rotate_after_us_ < UINT64_MAX - identity.created_us) {
      rotate_at_us_ = identity.created_us + rotate_after_us_;
    }
  }
  const logfmt::FrameHeader stamp{.batch_id = batch_id_ + 1,
                                  .first_seq = next_seq_,
                                  .durable_seq = parts_.syncer.durable_seq(),
                                  .clock_offset_us = clock_offset_us_};
  LOGD_RETURN_IF_ERROR(wal_->append(frame_.finish(stamp)));
  ++batch_id_;
  return {};
}

void StoreWriter::close_wal() {
  if (!wal_) return;
  // Without its end frame the file is as readable; the next start closes it.
  (void)wal_->close({.batch_id = ++batch_id_,
                     .first_seq = next_seq_,
                     .durable_seq = parts_.syncer.durable_seq(),
                     .clock_offset_us = clock_offset_us_});
  parts_.syncer.note_written(wal_, next_seq_, Urgency::kAtOnce);
  parts_.encoder.enqueue({wal_->name(), wal_->bytes()});
  wal_.reset();
  frame_.start_epoch();
}

void StoreWriter::set_rotate_after(uint64_t span_us) {
  if (rotate_at_us_ != UINT64_MAX) {
    rotate_at_us_ = rotate_at_us_ - rotate_after_us_ + span_us;
  }
  rotate_after_us_ = span_us;
}

uint64_t StoreWriter::rotate() {
  commit();
  close_wal();
  rotate_at_us_ = UINT64_MAX;
  return parts_.encoder.seal();
}

void StoreWriter::close() {
  commit();
  close_wal();
  parts_.syncer.wait();
}

// The offset between the clocks changes only when somebody steps one. Entries
// keep their order whatever happens; this keeps their monotonic time true.
void StoreWriter::watch_clock() {
  const int64_t offset_us = measure_clock_offset_us();
  const int64_t step_us = offset_us - clock_offset_us_;
  if (std::llabs(step_us) < kStepUs) return;
  clock_offset_us_ = offset_us;
  parts_.events.post(
      {.kind = EventKind::kClockStepped,
       .priority = 5,
       .message = "the clock was stepped by " + std::to_string(step_us) +
                  " microseconds",
       .fields = {{"CAUSE", "clock"}, {"STEP_USEC", std::to_string(step_us)}}});
}

// Said once until a sync has worked again: an entry about each failure would
// be the cause of the next.
void StoreWriter::report_suspect() {
  const bool known = suspect_seq_ > parts_.syncer.durable_seq();
  suspect_seq_ = next_seq_;
  if (known) return;
  parts_.events.post({.kind = EventKind::kStoreFailed,
                      .priority = 2,
                      .message = "the disk failed to sync " + wal_->name() +
                                 "; logd goes on in a new file",
                      .fields = {{"CAUSE", "fdatasync failed"}}});
}

void StoreWriter::count_drop(const logfmt::Error& error) {
  constexpr uint64_t kAskAgainUs = 1'000'000;
  const uint64_t now_us = monotonic_us();
  if (now_us - room_asked_us_ > kAskAgainUs) {
    parts_.encoder.make_room();
    room_asked_us_ = now_us;
  }
  losses_.add(frame_.rows(), frame_.body_bytes(), error.message());
}

}  // namespace logd
