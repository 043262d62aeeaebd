#include "logd/store/idle_care.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>

#include "format/segment_reader.h"
#include "logd/clock.h"
#include "logd/store/free_memory.h"
#include "logd/store/retention.h"
#include "logd/store/unit_retention.h"

namespace logd {
namespace {

using logfmt::ErrorCode;

constexpr std::chrono::hours kAgeCheckInterval{1};

bool units_age(const StoreConfig& config) {
  return std::any_of(
      config.units.begin(), config.units.end(),
      [](const logfmt::UnitLimit& limit) { return limit.max_age_us > 0; });
}

}  // namespace

IdleCare::IdleCare(const logfmt::StoreDir& store, const StoreConfig& config,
                   EventLog& events, std::chrono::milliseconds quiet)
    : store_(store),
      events_(events),
      quiet_(quiet),
      config_(config),
      thread_([this] { run(); }) {}

void IdleCare::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_one();
}

void IdleCare::set_config(const StoreConfig& config) {
  const std::lock_guard lock(mutex_);
  if (config == config_) return;
  config_ = config;
  woken_ = true;
  changed_.notify_one();
}

void IdleCare::set_paused(bool paused) {
  const std::lock_guard lock(mutex_);
  paused_ = paused;
  changed_.notify_one();
}

void IdleCare::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_one();
}

void IdleCare::begin_stop() {
  if (!thread_.joinable()) return;
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_one();
  // Its last block must not wait for an idle processor. Without the right to
  // do so it does.
  const sched_param no_priority{};
  (void)pthread_setschedparam(thread_.native_handle(), SCHED_OTHER,
                              &no_priority);
}

void IdleCare::stop() {
  begin_stop();
  if (thread_.joinable()) thread_.join();
}

void IdleCare::run() {
  const sched_param no_priority{};
  (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &no_priority);
  std::unique_lock lock(mutex_);
  while (wait(lock)) {
    cancelled_ = false;
    const StoreConfig config = config_;
    lock.unlock();
    const auto status = work(config);
    lock.lock();
    // After other failures the next segment is the time to try again: a disk
    // that is full now is so in a moment, too.
    if (!status && status.error().code == ErrorCode::kCancelled) woken_ = true;
  }
}

// Until there is something to do and nothing else happens; false when it is
// time to end.
bool IdleCare::wait(std::unique_lock<std::mutex>& lock) {
  const auto called = [this] { return stopping_ || (woken_ && !paused_); };
  const auto disturbed = [this] { return stopping_ || woken_ || paused_; };
  while (!stopping_) {
    if (!units_age(config_)) {
      changed_.wait(lock, called);
    } else if (!changed_.wait_for(lock, kAgeCheckInterval, called)) {
      woken_ = true;
      continue;
    }
    woken_ = false;
    if (!changed_.wait_for(lock, quiet_, disturbed)) return true;
    woken_ = true;
  }
  return false;
}

// Asked between blocks.
bool IdleCare::interrupted() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || cancelled_ || !paused_; });
  return stopping_ || cancelled_;
}

logfmt::Status IdleCare::work(const StoreConfig& config) {
  if (!config.units.empty()) {
    LOGD_RETURN_IF_ERROR(enforce_unit_limits(
        store_,
        {.limits = config.units,
         .level = config.recompress ? logfmt::kRewriteLevelBest
                                    : logfmt::kRewriteLevelQuick,
         .cancelled = [this] { return interrupted(); }},
        events_));
  }
  bool more = config.recompress;
  while (more) {
    const auto improved = improve_one(config);
    if (!improved) return logfmt::fail(improved.error());
    more = *improved;
  }
  return {};
}

// False where nothing is left to improve.
logfmt::Result<bool> IdleCare::improve_one(const StoreConfig& config) {
  const auto segments = look_around();
  if (!segments) return logfmt::fail(segments.error());
  const auto rules = rules_of(store_, config);
  if (!rules) return logfmt::fail(rules.error());
  const auto run = choose_merge(*segments, segment_bytes_max(*rules));
  if (!run.empty()) return rewrite(run, config);
  for (const SegmentFacts& segment : *segments) {
    if (segment.whole && segment.level < logfmt::kRewriteLevelBest) {
      return rewrite({&segment, 1}, config);
    }
  }
  return false;
}

logfmt::Result<std::vector<SegmentFacts>> IdleCare::look_around() {
  const auto files = store_.list();
  if (!files) return logfmt::fail(files.error());
  std::map<logfmt::FileIdentity, SegmentFacts> still_there;
  std::vector<SegmentFacts> segments;
  for (const logfmt::StoreFile& file : *files) {
    if (file.kind != logfmt::StoreFileKind::kSegment) continue;
    const logfmt::FileIdentity& key = file.identity;
    const auto known = known_.find(key);
    SegmentFacts facts = known == known_.end() ? look_at(file) : known->second;
    facts.file = file;
    still_there.emplace(key, facts);
    facts.whole = facts.whole && !refused_.contains(key);
    segments.push_back(std::move(facts));
  }
  known_ = std::move(still_there);
  std::erase_if(refused_, [this](const logfmt::FileIdentity& key) {
    return !known_.contains(key);
  });
  return segments;
}

SegmentFacts IdleCare::look_at(const logfmt::StoreFile& file) const {
  SegmentFacts facts{.file = file};
  const auto segment =
      logfmt::SegmentReader::open(store_.fd(), file.name, store_.id());
  if (!segment) return facts;
  facts.next_seq = segment->next_seq();
  facts.blocks = segment->blocks().size();
  facts.level = segment->header().level;
  facts.whole = segment->sealed() && segment->gaps().empty();
  return facts;
}

// True also where it failed for good: that is remembered, and there may be
// something else to do.
logfmt::Result<bool> IdleCare::rewrite(std::span<const SegmentFacts> segments,
                                       const StoreConfig& config) {
  std::vector<logfmt::StoreFile> inputs;
  uint64_t input_bytes = 0;
  for (const SegmentFacts& segment : segments) {
    inputs.push_back(segment.file);
    input_bytes += segment.file.disk_bytes;
  }
  // Old and new are there at once.
  const auto room = has_room(store_, config, input_bytes + kHeadroomBytes);
  if (!room) return logfmt::fail(room.error());
  if (!*room) return false;
  const auto outcome =
      logfmt::rewrite(store_, inputs,
                      {.level = logfmt::kRewriteLevelBest,
                       .cancelled = [this] { return interrupted(); },
                       .now_us = realtime_us()});
  give_back_free_memory();
  if (outcome || outcome.error().code == ErrorCode::kChanged) return true;
  if (outcome.error().code == ErrorCode::kCancelled ||
      outcome.error().code == ErrorCode::kIo) {
    return logfmt::fail(outcome.error());
  }
  for (const logfmt::StoreFile& input : inputs) refused_.insert(input.identity);
  return true;
}

}  // namespace logd
