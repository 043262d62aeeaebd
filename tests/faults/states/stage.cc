#include "tests/faults/states/stage.h"

#include <algorithm>
#include <random>

#include "format/segment_reader.h"

namespace logd::faults {

bool Story::may_miss(uint64_t seq, size_t calls) const {
  return std::any_of(erasures.begin(), erasures.end(), [&](const Erasure& e) {
    return calls > e.begun && e.seqs.contains(seq);
  });
}

bool Story::must_miss(uint64_t seq, size_t calls) const {
  return std::any_of(erasures.begin(), erasures.end(), [&](const Erasure& e) {
    return calls >= e.over && e.seqs.contains(seq);
  });
}

std::string noise(size_t bytes, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string text(bytes, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

Stage::Stage() { settle(); }

void Stage::settle() {
  const bool running = daemon_.has_value();
  if (running) history_->set_note({});
  observation_.reset();
  history_.emplace(dir_.path());
  observation_.emplace(*history_);
  story_.erasures.clear();
  if (running) {
    history_->set_note([this] { return daemon_->syncer().durable_seq(); });
  }
}

void Stage::set_faults(FailingCalls* faults) {
  faults_observation_.reset();
  faults_ = faults;
  if (faults != nullptr) faults_observation_.emplace(*faults);
}

void Stage::start(const StoreConfig& config) {
  if (faults_ != nullptr) faults_->set_paused(true);
  if (history_->is_dead() || !logfmt::StoreDir::open_or_create(path())) return;
  daemon_.emplace(dir_.path(), config);
  history_->set_note([this] { return daemon_->syncer().durable_seq(); });
  // What the one before could not write any more was never stored.
  story_.entries.erase(story_.entries.lower_bound(daemon_->writer().next_seq()),
                       story_.entries.end());
  if (faults_ != nullptr) faults_->set_paused(false);
}

void Stage::die() {
  if (!daemon_) return;
  history_->kill_at(std::min(history_->calls(), history_->killed_at()));
  history_->set_note({});
  daemon_->abandon();
  daemon_.reset();
  history_->revive();
}

void Stage::stop() {
  if (!is_alive()) return;
  daemon_->writer().commit();
  daemon_->wal().stop();
  daemon_->syncer().wait();
  history_->set_note({});
  daemon_->abandon();
  daemon_.reset();
}

void Stage::store(const std::vector<std::string>& texts) {
  if (!is_alive()) return;
  uint64_t seq = daemon_->writer().next_seq();
  for (const std::string& text : texts) {
    if (daemon_->add(text)) story_.entries[seq++] = text;
  }
  // What the disk refuses is tried again later, unless the daemon ends before.
  daemon_->writer().commit();
  if (!is_written()) return;
  written_seq_ = seq;
  if (on_written_) on_written_();
}

// Whether all that was committed is in files, after a while.
bool Stage::is_written() {
  const bool refused = faults_ != nullptr && faults_->happened();
  return daemon_->wal().wait_written(
      daemon_->writer().position(),
      std::chrono::milliseconds(refused ? 50 : 5000));
}

void Stage::sync() {
  if (is_alive()) daemon_->syncer().wait();
}

void Stage::begin_seal() {
  if (!is_alive()) return;
  daemon_->writer().rotate();
  (void)is_written();
}

void Stage::seal() {
  begin_seal();
  testing::becomes_true([this] {
    return !is_alive() || all_is_sealed() ||
           (faults_ != nullptr && faults_->happened());
  });
}

bool Stage::all_is_sealed() const {
  const auto files = daemon_->dir().list();
  if (!files || files->empty()) return false;
  const auto newest = logfmt::SegmentReader::open(
      daemon_->dir().fd(), files->back().name, daemon_->dir().id());
  return newest && newest->sealed();
}

void Stage::begin_erasure(Seqs seqs) {
  story_.erasures.push_back(
      {.seqs = std::move(seqs), .begun = history_->calls()});
}

void Stage::end_erasure() {
  if (is_alive()) story_.erasures.back().over = history_->calls();
}

}  // namespace logd::faults
