#include "logd/store/encoder.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "format/checksum.h"
#include "format/limits.h"
#include "format/wal_reader.h"
#include "logd/clock.h"
#include "logd/store/damaged_file.h"
#include "logd/store/free_memory.h"
#include "logd/store/retention.h"

namespace logd {
namespace {

using logfmt::EntryView;

constexpr uint64_t kGroupBytesMin = logfmt::kBlockPayloadBytesTarget;
constexpr size_t kGroupFilesMax = 32;
// Below this, a clean stop leaves the tail as it is: starting is what counts.
constexpr uint64_t kWorthABlockBytes = 1 << 20;
// Above this it does too: the next start takes up what is left.
constexpr uint64_t kQuicklyDoneBytes = logfmt::kWalBytes * 5 / 4;
constexpr int kLevel = 8;
constexpr int kLevelWhenBehind = 1;
constexpr size_t kBehindFiles = 3;
// Intake comes first when there is one processor for both.
constexpr int kNiceness = 5;
constexpr std::chrono::seconds kRetryAfter{1};
// What may wait for a busy intake, as far as the store's limit allows it.
constexpr uint64_t kWaitingFilesMax = 64;
constexpr uint64_t kBusyUs = 20'000;
constexpr std::chrono::milliseconds kYield{10};
constexpr std::chrono::seconds kSealPatience{60};

constexpr std::string_view kCannotEncode =
    "segments cannot be written; entries stay in the write-ahead log and the "
    "next try is in a second";
constexpr std::string_view kCannotRemoveWal =
    "a write-ahead log that is in segments now cannot be removed";

// What could not be read of a WAL; nothing if all could.
std::string describe_damage(logfmt::WalReader& wal) {
  const auto gaps = wal.take_gaps();
  if (!gaps.empty()) {
    return gaps.front().message() +
           (gaps.size() == 1
                ? std::string()
                : " and " + std::to_string(gaps.size() - 1) + " more");
  }
  if (wal.open_gap()) return wal.open_gap()->message();
  if (wal.closed() || wal.tail_bytes() == 0) return {};
  return "its last " + std::to_string(wal.tail_bytes()) + " bytes do not check";
}

}  // namespace

Encoder::Encoder(const logfmt::StoreDir& store, const StoreConfig& config,
                 EventLog& events, EncodedStore encoded)
    : store_(store),
      events_(events),
      config_(config),
      builder_(logfmt::checksum_seed(store.id())),
      unsealed_(std::move(encoded.unsealed)),
      encoded_seq_(encoded.next_seq),
      care_(store, config, events),
      thread_([this] { run(); }) {}

Encoder::~Encoder() { stop(); }

void Encoder::enqueue(ClosedWal wal) {
  const std::lock_guard lock(mutex_);
  queued_bytes_ += wal.bytes;
  queue_.push_back(std::move(wal));
  wake_.notify_one();
}

uint64_t Encoder::seal() {
  const std::lock_guard lock(mutex_);
  seal_wanted_ = true;
  wake_.notify_one();
  return ++seals_wanted_;
}

logfmt::Status Encoder::wait_sealed(uint64_t request) {
  std::unique_lock lock(mutex_);
  const auto over = [&] { return seals_done_ >= request || stopping_; };
  const bool in_time = sealed_.wait_for(lock, kSealPatience, over);
  if (seals_done_ >= request) return {};
  if (in_time) {
    return logfmt::fail(logfmt::ErrorCode::kCancelled, "logd is stopping");
  }
  return logfmt::fail(
      logfmt::ErrorCode::kIo,
      last_report_.empty() ? "segments take too long to write" : last_report_);
}

void Encoder::make_room() {
  const std::lock_guard lock(mutex_);
  room_wanted_ = true;
  wake_.notify_one();
  care_.cancel();
}

bool Encoder::has_room_for_wal() {
  std::unique_lock lock(mutex_);
  const StoreConfig config = config_;
  lock.unlock();
  // A store that cannot be looked at says so elsewhere.
  return has_room(store_, config, kHeadroomBytes).value_or(true);
}

void Encoder::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  care_.begin_stop();
  if (thread_.joinable()) thread_.join();
  care_.stop();
}

void Encoder::set_config(const StoreConfig& config) {
  const std::lock_guard lock(mutex_);
  config_ = config;
  room_wanted_ = true;  // new limits apply at once
  wake_.notify_one();
  care_.set_config(config);
}

bool Encoder::work_waits() const {
  if (stopping_) {
    return (seal_wanted_ || queued_bytes_ >= kWorthABlockBytes) &&
           queued_bytes_ <= kQuicklyDoneBytes;
  }
  return seal_wanted_ || room_wanted_ || queued_bytes_ >= kGroupBytesMin ||
         queue_.size() >= kGroupFilesMax;
}

void Encoder::run() {
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
  std::unique_lock lock(mutex_);
  while (true) {
    care_.set_paused(work_waits());
    wake_.wait(lock, [this] { return stopping_ || work_waits(); });
    if (!work_waits()) return;
    care_.set_paused(true);
    yield_to_intake(lock);
    const std::vector<ClosedWal> group = next_group();
    const bool hurry = stopping_ || queue_.size() >= kBehindFiles;
    const bool more_waits = group.size() < queue_.size();
    const bool seal_after = seal_wanted_;
    const uint64_t seals = seals_wanted_;
    seal_wanted_ = seal_wanted_ && more_waits;
    room_wanted_ = false;
    thread_config_ = config_;
    lock.unlock();
    if (const auto rules = rules_of(store_, thread_config_)) {
      segment_bytes_max_ = segment_bytes_max(*rules);
    }
    bool done = encode_group(group, hurry ? kLevelWhenBehind : kLevel);
    if (done && seal_after && !more_waits) done = seal_segment();
    bool failed = !done;
    if (auto status = enforce_retention(store_, thread_config_, events_);
        !status) {
      failed = true;
      report("old entries cannot be removed", status.error());
    }
    if (done && !more_waits) {
      builder_.release_memory();
      give_back_free_memory();
    }
    lock.lock();
    if (done) {
      if (!failed) last_report_.clear();
      if (seal_after && !more_waits) {
        seals_done_ = seals;
        sealed_.notify_all();
      }
      for (size_t i = 0; i < group.size(); ++i) {
        queued_bytes_ -= queue_.front().bytes;
        queue_.pop_front();
      }
    } else if (stopping_) {
      return;  // the WALs are there; the next start takes them up
    } else {
      seal_wanted_ = seal_wanted_ || seal_after;
      wake_.wait_for(lock, kRetryAfter, [this] { return stopping_; });
    }
  }
}

// On a machine with few processors a flood is taken in half as fast when it is
// encoded at the same time.
void Encoder::yield_to_intake(std::unique_lock<std::mutex>& lock) {
  const size_t files_max =
      std::min(kWaitingFilesMax, segment_bytes_max_ / logfmt::kWalBytes);
  const auto may_wait = [&] {
    return !stopping_ && !seal_wanted_ && !room_wanted_ &&
           queue_.size() < files_max &&
           monotonic_us() - intake_busy_us_ < kBusyUs;
  };
  while (may_wait()) wake_.wait_for(lock, kYield);
}

// As many WALs as make a block, the oldest first: they are removed before the
// next are begun, so that entries are on the disk twice only for a moment.
std::vector<ClosedWal> Encoder::next_group() const {
  std::vector<ClosedWal> group;
  uint64_t bytes = 0;
  for (const ClosedWal& wal : queue_) {
    if (bytes >= kGroupBytesMin) break;
    bytes += wal.bytes;
    group.push_back(wal);
  }
  return group;
}

bool Encoder::encode_group(const std::vector<ClosedWal>& group, int level) {
  // What a failed try has left; its rows come again.
  if (!builder_.empty()) (void)builder_.finish(kLevelWhenBehind);
  (void)tally_.take();
  std::vector<std::string> damage(group.size());
  for (size_t i = 0; i < group.size(); ++i) {
    if (!encode_wal(group[i], level, damage[i])) return false;
  }
  if (!builder_.empty() && !append_block(level)) return false;
  for (size_t i = 0; i < group.size(); ++i) leave_wal(group[i], damage[i]);
  if (auto status = store_.sync_names(); !status) {
    report(kCannotRemoveWal, status.error());
  }
  return true;
}

// Adds the entries of a WAL; `damage` is what could not be read of it.
bool Encoder::encode_wal(const ClosedWal& wal, int level, std::string& damage) {
  auto reader = logfmt::WalReader::open(store_.fd(), wal.name, store_.id());
  logfmt::Status status;
  if (!reader) status = logfmt::fail(reader.error());
  bool more = true;
  while (status && more) {
    status = reader->refresh(logfmt::WalReader::kWindowBytes);
    if (!status) break;
    EntryView entry;
    while (reader->next(entry)) {
      if (entry.seq < encoded_seq_) continue;
      if (!builder_.accepts(entry) && !append_block(level)) return false;
      builder_.add(entry);
      tally_.add(entry);
    }
    more = reader->behind();
  }
  if (!status && is_damage(status.error())) {
    damage = status.error().message();
    return true;
  }
  if (!status) {
    report(kCannotEncode, status.error());
    return false;
  }
  damage = describe_damage(*reader);
  return true;
}

// All that can be read of it is on the disk elsewhere now.
void Encoder::leave_wal(const ClosedWal& wal, const std::string& damage) {
  if (!damage.empty()) {
    set_aside(store_, wal.name, damage, events_);
  } else if (auto status = store_.remove(wal.name); !status) {
    report(kCannotRemoveWal, status.error());
  }
}

// Goes on with what an earlier encoder left. All of its blocks are read for
// that, which whoever waits for the daemon to start does not wait for.
void Encoder::take_up_segment() {
  if (!unsealed_) return;
  const auto [name, tail] = *std::exchange(unsealed_, std::nullopt);
  auto segment = logfmt::SegmentWriter::resume(store_, name, tail);
  if (segment) {
    segment_.emplace(std::move(*segment));
  } else if (segment.error().sys_errno != ENOENT) {  // readers walk its blocks
    post_left_alone(name, segment.error().message(), events_);
  }
}

bool Encoder::append_block(int level) {
  take_up_segment();
  // Sealing may have failed the last time.
  if (segment_ && segment_is_full() && !seal_segment()) return false;
  const logfmt::EncodedBlock block = builder_.finish(level);
  const logfmt::UnitUses uses = tally_.take();
  if (!segment_) {
    auto segment = logfmt::SegmentWriter::create(store_, block.header.first_seq,
                                                 realtime_us());
    if (!segment) {
      report(kCannotEncode, segment.error());
      return false;
    }
    segment_.emplace(std::move(*segment));
  }
  if (auto status = segment_->append(block, uses); !status) {
    report(kCannotEncode, status.error());
    return false;
  }
  encoded_seq_ = block.header.last_seq + 1;
  return !segment_is_full() || seal_segment();
}

bool Encoder::segment_is_full() const {
  const auto age_us = realtime_us() - segment_->created_us();
  return segment_->blocks() == logfmt::kBlocksPerSegmentMax ||
         segment_->bytes() >= segment_bytes_max_ ||
         age_us > static_cast<uint64_t>(thread_config_.rotate_after.count());
}

bool Encoder::seal_segment() {
  take_up_segment();
  if (!segment_ || segment_->blocks() == 0) return true;
  if (auto status = segment_->seal(); !status) {
    report(kCannotEncode, status.error());
    return false;
  }
  segment_.reset();
  care_.wake();
  return true;
}

// Says what stays wrong once, until something goes right again.
void Encoder::report(std::string_view what, const logfmt::Error& error) {
  std::string message = std::string(what) + ": " + error.message();
  const std::lock_guard lock(mutex_);
  if (message == last_report_) return;
  last_report_ = message;
  events_.post({.kind = EventKind::kStoreFailed,
                .priority = 3,
                .message = std::move(message),
                .fields = {{"CAUSE", error.message()}}});
}

}  // namespace logd
