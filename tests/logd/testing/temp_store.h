// A store in a directory of its own with everything behind the intake running,
// and what a reader finds in it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "format/store_dir.h"
#include "logd/event_log.h"
#include "logd/store/encoder.h"
#include "logd/store/store_writer.h"
#include "logd/store/syncer.h"
#include "tests/format/testing/entry_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logd::testing {

using logfmt::testing::Sample;
using logfmt::testing::TempDir;

// All entries of the store in order, each once; WALs and segments.
std::vector<Sample> read_store(const logfmt::StoreDir& store);
std::vector<std::string> names(const logfmt::StoreDir& store);

// The first value of that field in payload or context; "-" where none is.
std::string field_of(const Sample& entry, std::string_view name);
std::string message_of(const Sample& entry);
std::vector<std::string> messages(const std::vector<Sample>& entries);

// Waits until it is so, up to ten seconds; whether it came to be.
bool becomes_true(const std::function<bool()>& condition);

class TempStore {
 public:
  // Goes on in the directory of another where `path` is given.
  explicit TempStore(const std::string& path = {},
                     const StoreConfig& config = {});
  ~TempStore() { stop(); }

  // As a daemon that is told to end; as one that is killed, when all that was
  // committed had been written.
  void stop();
  void abandon();

  // One entry of that text, not yet committed; false where there is no room.
  bool add(std::string_view text, uint8_t priority = 6);
  // Commits, and returns when it is in a file, or when nothing is written for
  // a while: whether it is.
  bool commit();

  const logfmt::StoreDir& dir() const { return *store_; }
  StoreWriter& writer() { return *writer_; }
  WalThread& wal() { return *wal_; }
  LandingZone& zone() { return zone_; }
  Encoder& encoder() { return *encoder_; }
  Syncer& syncer() { return *syncer_; }
  EventLog& events() { return events_; }

 private:
  std::optional<TempDir> temp_;
  logfmt::Id128 boot_ = logfmt::Id128::random();
  std::optional<logfmt::StoreDir> store_;
  EventLog events_;
  LandingZone zone_;
  logfmt::WalContext context_;
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<Syncer> syncer_;
  std::unique_ptr<WalThread> wal_;
  std::unique_ptr<StoreWriter> writer_;
};

}  // namespace logd::testing
