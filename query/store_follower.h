// Follows one store: gives every matching entry once, in order, from a given
// number on.
//
// Knows nothing of waiting: follow.h says when to look again. The tail is read
// frame by frame as it grows. When the store changes shape (a new WAL, a new
// daemon), the entries since the last one are searched like any other query,
// in WALs and segments alike, so a WAL that has been moved into a segment in
// the meantime is no loss. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "format/gap.h"
#include "format/store_dir.h"
#include "query/engine/store_scan.h"
#include "query/output_stream.h"
#include "query/record.h"

namespace logq {

// Where a follower's findings go.
class FollowSink {
 public:
  virtual ~FollowSink() = default;
  virtual logfmt::Result<Flow> show(const EntryRecord& record) = 0;
  // All that is there for now has been shown.
  virtual logfmt::Result<Flow> flush() = 0;
  virtual void report(const logfmt::Gap& gap) = 0;
  virtual void note(const std::string& line) = 0;
};

class StoreFollower {
 public:
  // `query` without limit; a boot is given by id.
  StoreFollower(std::string directory, const Query& query)
      : directory_(std::move(directory)), query_(query) {}

  // The entries of that store up to `seq` have been shown.
  void start_after(const logfmt::Id128& store_id, uint64_t seq);

  // Opens the store if it is there. False: not yet. A store of another
  // identity than before is followed from its beginning.
  logfmt::Result<bool> open();
  void close();
  bool is_open() const { return store_.has_value(); }

  // Looks at all files anew.
  logfmt::Result<Flow> catch_up(FollowSink& sink);
  // Looks at the newest WAL only.
  logfmt::Result<Flow> drain(FollowSink& sink);

  const std::string& directory() const { return directory_; }
  // Name of the WAL that drain() reads; empty where there is none.
  std::string tail_name() { return tail_ ? tail_->wal().name() : ""; }

 private:
  std::string directory_;
  Query query_;  // after_seq: the last entry that was seen
  std::optional<logfmt::Id128> store_id_;
  std::optional<logfmt::StoreDir> store_;
  std::unique_ptr<DeclaredUnits> units_;
  std::optional<Matcher> matcher_;
  std::optional<WalScan> tail_;
};

}  // namespace logq
