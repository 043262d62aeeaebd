// Segments made of samples.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "format/checksum.h"
#include "format/segment_writer.h"
#include "tests/format/testing/entry_samples.h"

namespace logfmt::testing {

// A segment of those entries, so many of them to a block.
inline void add_segment(const StoreDir& store,
                        const std::vector<Sample>& entries,
                        size_t per_block = 65536, bool seal = true) {
  auto writer = SegmentWriter::create(store, entries.front().seq,
                                      entries.front().realtime_us);
  ASSERT_TRUE(writer) << writer.error().message();
  BlockBuilder builder(checksum_seed(store.id()));
  UnitTally tally;
  for (size_t i = 0; i < entries.size(); ++i) {
    builder.add(entries[i].view());
    tally.add(entries[i].view());
    if (builder.rows() == per_block || i + 1 == entries.size()) {
      ASSERT_TRUE(writer->append(builder.finish(1), tally.take()));
    }
  }
  if (!seal) return;
  ASSERT_TRUE(writer->seal());
}

}  // namespace logfmt::testing
