// Stores made of samples, and what readers make of them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "format/gap.h"
#include "format/store_dir.h"
#include "format/wal_writer.h"
#include "tests/format/testing/entry_samples.h"

namespace logfmt::testing {

Id128 id_of(uint8_t byte);  // 16 times that byte
inline const Id128 kBoot = id_of(0xB0);

// A store of that uuid in an empty directory.
StoreDir make_store(const std::string& path, const Id128& id = id_of(0x5A));

// Writes one WAL, frame by frame.
class WalMaker {
 public:
  WalMaker(const StoreDir& store, uint64_t first_seq);

  // One frame. Its rows share the first one's clock offset and get kBoot.
  void append(std::span<const Sample> rows);
  void start_epoch() { builder_.start_epoch(); }
  void close();
  WalWriter& writer() { return *writer_; }
  // The bytes of the frame that append() would write.
  std::string frame(std::span<const Sample> rows);
  const std::vector<uint64_t>& frame_offsets() const { return offsets_; }

 private:
  FrameBuilder builder_;
  std::optional<WalWriter> writer_;
  std::map<std::string, WalContext> contexts_;
  std::vector<uint64_t> offsets_;
  uint64_t next_seq_ = 0;
  uint64_t batch_id_ = 0;
};

// A WAL of `epochs` epochs with `frames` frames of `rows` entries each;
// returns the entries. Its offsets go to `offsets` where that is given.
std::vector<Sample> write_epochs(const StoreDir& store, size_t epochs,
                                 size_t frames, size_t rows,
                                 std::vector<uint64_t>* offsets = nullptr);

// All that a reader could say about a file.
struct Reading {
  bool opened = false;
  std::string error{};
  std::vector<Sample> entries{};
  std::vector<Gap> gaps{};
  // Entries from this number on may be missing without a gap: the file was
  // not closed, and says so.
  std::optional<uint64_t> open_from{};
};

Reading read_wal(const StoreDir& store, const std::string& name);
Reading read_segment(const StoreDir& store, const std::string& name);

// Whether the reading is right about a file that held `original`: each entry
// as it was, in order, none twice, and each missing one owned up to.
::testing::AssertionResult is_honest(const Reading& reading,
                                     const std::vector<Sample>& original);

}  // namespace logfmt::testing
