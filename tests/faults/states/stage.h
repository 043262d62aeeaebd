// A store on a recorded disk, what is done with it, and what was promised.
//
// Works the store as the daemon does, one step after the other, and notes
// which entries were taken and which were erased on purpose. DiskHistory's
// notes are the numbers below which entries were reported to be durable. Of a
// daemon that was killed by DiskHistory::kill_at() nothing comes any more.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/states/disk_history.h"
#include "tests/faults/states/failing_calls.h"
#include "tests/logd/testing/temp_store.h"

namespace logd::faults {

using Seqs = std::set<uint64_t>;

struct Story {
  // Of entries that have to go. They may be missing once that has begun, and
  // have to be once it is over.
  struct Erasure {
    Seqs seqs{};
    size_t begun = 0;  // DiskHistory::calls()
    size_t over = std::numeric_limits<size_t>::max();
  };

  std::map<uint64_t, std::string> entries{};  // number -> text
  std::vector<Erasure> erasures{};

  bool may_miss(uint64_t seq, size_t calls) const;
  bool must_miss(uint64_t seq, size_t calls) const;
};

// A text of that many bytes that does not compress, the same for one seed.
std::string noise(size_t bytes, uint64_t seed);

class Stage {
 public:
  Stage();
  ~Stage() { die(); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Takes what was done so far as settled.
  void settle();
  // From now on calls fail, but for those of starting daemons. nullptr: none.
  void set_faults(FailingCalls* faults);
  // Called whenever entries were written.
  void set_on_written(std::function<void()> on_written) {
    on_written_ = std::move(on_written);
  }
  // All should go well: the process lives and no calls fail.
  bool is_sound() const { return is_alive() && faults_ == nullptr; }

  // A daemon starts, is killed, or is told to stop.
  void start(const StoreConfig& config = {});
  void die();
  void stop();
  // Each text is an entry; all are one frame.
  void store(const std::vector<std::string>& texts);
  void sync();
  void begin_seal();
  // Seals, and waits for it.
  void seal();
  // Notes that those are going to be erased, and that they are.
  void begin_erasure(Seqs seqs);
  void end_erasure();

  testing::TempStore& daemon() { return *daemon_; }
  DiskHistory& history() { return *history_; }
  const DiskHistory& history() const { return *history_; }
  const std::string& path() const { return dir_.path(); }
  // The number behind the last entry that was written to a file.
  uint64_t written_seq() const { return written_seq_; }
  const Story& story() const { return story_; }

 private:
  bool is_alive() const { return daemon_ && !history_->is_dead(); }
  bool is_written();
  bool all_is_sealed() const;

  testing::TempDir dir_;
  std::optional<DiskHistory> history_;
  std::optional<Observation> observation_;
  FailingCalls* faults_ = nullptr;
  std::optional<Observation> faults_observation_;
  std::optional<testing::TempStore> daemon_;
  std::function<void()> on_written_;
  uint64_t written_seq_ = 0;
  Story story_;
};

}  // namespace logd::faults
