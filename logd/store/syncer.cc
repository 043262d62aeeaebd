#include "logd/store/syncer.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace logd {

Syncer::Syncer(const logfmt::StoreDir& store,
               std::chrono::microseconds interval,
               std::vector<std::string> left)
    : store_(store),
      interval_(interval),
      left_(std::move(left)),
      thread_([this] { run(); }) {}

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
  if (first || dirty_.back().wal != wal) dirty_.push_back({wal, 0});
  dirty_.back().next_seq = next_seq;
  written_seq_ = next_seq;
  if (urgency == Urgency::kAtOnce) at_once_ = true;
  if (first || urgency == Urgency::kAtOnce) wake_.notify_one();
}

void Syncer::sync_soon() {
  const std::lock_guard lock(mutex_);
  at_once_ = !dirty_.empty();
  wake_.notify_one();
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
  const auto files = std::exchange(dirty_, {});
  const auto known = failed_;
  const uint64_t seq = written_seq_;
  at_once_ = false;
  busy_ = true;
  lock.unlock();
  std::vector<Failed> failed;
  for (const Failed& file : files) {
    const bool failed_before =
        std::any_of(known.begin(), known.end(),
                    [&](const Failed& other) { return other.wal == file.wal; });
    if (!failed_before && !sync(*file.wal)) failed.push_back(file);
  }
  const bool left_synced = sync_left();
  lock.lock();
  failed_.insert(failed_.end(), failed.begin(), failed.end());
  // What was known to have failed may have been mended meanwhile: by a copy,
  // which is to be synced yet.
  if (known.empty() && failed_.empty() && left_synced) durable_seq_ = seq;
  busy_ = false;
  tried_seq_ = seq;
  idle_.notify_all();
  if (!failed.empty() && on_failure_) on_failure_();
}

bool Syncer::sync(const logfmt::WalWriter& wal) {
  if (!logfmt::sync_data(wal.fd())) return false;
  // Without its name a file is lost with all that is in it.
  if (!renamed_.exchange(false) && wal.name() == durable_name_) return true;
  durable_name_.clear();
  if (!store_.sync_names()) return false;
  durable_name_ = wal.name();
  return true;
}

// One that has gone was encoded, and the block was synced. What fails here is
// not tried again: it stays unknown what is on the disk.
bool Syncer::sync_left() {
  if (left_failed_) return false;
  for (const std::string& name : std::exchange(left_, {})) {
    const auto file = logfmt::open_at(store_.fd(), name, O_RDONLY);
    const bool gone = !file && file.error().sys_errno == ENOENT;
    if (!gone && (!file || !logfmt::sync_data(file->get()))) {
      left_failed_ = true;
    }
  }
  return !left_failed_;
}

void Syncer::distrust(Failed file) {
  const std::lock_guard lock(mutex_);
  failed_.push_back(std::move(file));
}

void Syncer::set_on_failure(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  on_failure_ = std::move(call);
}

std::vector<Syncer::Failed> Syncer::failed() {
  const std::lock_guard lock(mutex_);
  return failed_;
}

void Syncer::mend(const std::shared_ptr<const logfmt::WalWriter>& copy) {
  const std::lock_guard lock(mutex_);
  std::erase_if(dirty_, [&](const Failed& file) {
    return std::any_of(
        failed_.begin(), failed_.end(),
        [&](const Failed& other) { return other.wal == file.wal; });
  });
  failed_.clear();
  renamed_ = true;  // the copy may have taken the name of what it replaces
  if (copy) dirty_.push_back({copy, written_seq_});
  at_once_ = true;
  wake_.notify_one();
}

}  // namespace logd
