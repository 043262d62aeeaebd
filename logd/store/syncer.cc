#include "logd/store/syncer.h"

#include <algorithm>
#include <utility>

namespace logd {

Syncer::Syncer(const logfmt::StoreDir& store,
               std::chrono::microseconds interval)
    : store_(store), interval_(interval), thread_([this] { run(); }) {}

Syncer::~Syncer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Syncer::note_written(const std::shared_ptr<const logfmt::WalWriter>& wal,
                          uint64_t next_seq, Urgency urgency) {
  const std::lock_guard lock(mutex_);
  const bool first = dirty_.empty();
  if (first) deadline_ = Clock::now() + interval_;
  if (first || dirty_.back() != wal) dirty_.push_back(wal);
  written_seq_ = next_seq;
  if (urgency == Urgency::kAtOnce) at_once_ = true;
  if (first || urgency == Urgency::kAtOnce) wake_.notify_one();
}

void Syncer::wait() {
  std::unique_lock lock(mutex_);
  at_once_ = !dirty_.empty();
  wake_.notify_one();
  idle_.wait(lock, [this] { return dirty_.empty() && !busy_; });
}

logfmt::Status Syncer::wait_durable(uint64_t seq) {
  std::unique_lock lock(mutex_);
  seq = std::min(seq, written_seq_);  // recovery has synced what is older
  while (tried_seq_ < seq) {
    at_once_ = true;
    wake_.notify_one();
    idle_.wait(lock);
  }
  if (durable_seq_ >= seq) return {};
  return logfmt::fail(logfmt::ErrorCode::kIo,
                      "the disk failed to sync what was stored");
}

void Syncer::set_interval(std::chrono::microseconds interval) {
  const std::lock_guard lock(mutex_);
  interval_ = interval;
}

void Syncer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !dirty_.empty(); });
    if (dirty_.empty()) return;
    wake_.wait_until(lock, deadline_, [this] { return stopping_ || at_once_; });
    sync_all_dirty(lock);
  }
}

void Syncer::sync_all_dirty(std::unique_lock<std::mutex>& lock) {
  const auto wals = std::exchange(dirty_, {});
  const uint64_t seq = written_seq_;
  at_once_ = false;
  busy_ = true;
  lock.unlock();
  bool good = true;
  for (const auto& wal : wals) good = sync(wal) && good;
  if (good && suspect_name_.empty()) durable_seq_ = seq;
  lock.lock();
  busy_ = false;
  tried_seq_ = seq;
  idle_.notify_all();
}

bool Syncer::sync(const std::shared_ptr<const logfmt::WalWriter>& wal) {
  if (wal->name() == suspect_name_) return false;
  bool good = logfmt::sync_data(wal->fd()).has_value();
  // Without its name a file is lost with all that is in it.
  if (good && wal->name() != durable_name_) {
    good = store_.sync_names().has_value();
  }
  if (good) {
    durable_name_ = wal->name();
  } else {
    suspect_name_ = wal->name();
    failed_ = true;
  }
  return good;
}

}  // namespace logd
