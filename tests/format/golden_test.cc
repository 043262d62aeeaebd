// Stores of released versions stay readable, and say the same as ever.
#include <gtest/gtest.h>

#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::Reading;

const std::string kGolden = LOGD_SOURCE_DIR "/tests/testdata/golden_v1";

TEST(Golden, Version1ReadsAsItWasWritten) {
  const auto store = StoreDir::open(kGolden);
  ASSERT_TRUE(store) << store.error().message();
  EXPECT_EQ(store->id(), testing::id_of(0x5A));
  const auto files = store->list();
  ASSERT_TRUE(files);
  std::string text;
  for (const StoreFile& file : *files) {
    const Reading reading = file.kind == StoreFileKind::kSegment
                                ? testing::read_segment(*store, file.name)
                                : testing::read_wal(*store, file.name);
    EXPECT_TRUE(reading.opened) << reading.error;
    EXPECT_TRUE(reading.gaps.empty()) << file.name;
    text += file.name + (reading.open_from ? " open\n" : " closed\n") +
            testing::listing(reading.entries);
  }
  EXPECT_EQ(text, testing::read_whole(kGolden + "/entries.txt"));
}

}  // namespace
}  // namespace logfmt
