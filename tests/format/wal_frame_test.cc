#include "format/wal_frame.h"

#include <gtest/gtest.h>

#include "format/layout.h"
#include "format/limits.h"
#include "tests/format/testing/entry_samples.h"

namespace logfmt {
namespace {

constexpr uint64_t kSeed = 99;

FrameHeader header_of(std::string_view frame) {
  const auto header = decode_frame_header(frame, kSeed);
  if (!header) ADD_FAILURE() << header.error().message();
  return header ? *header : FrameHeader{};
}

void add_row(FrameBuilder& builder, WalContext& context,
             std::string_view message = "m") {
  builder.begin_row(context, {.realtime_us = 1000, .pid = 1, .priority = 6});
  builder.add_field("MESSAGE", message);
  builder.end_row();
}

TEST(FrameBuilder, KeepsTheStamp) {
  FrameBuilder builder(kSeed);
  WalContext context;
  add_row(builder, context);
  add_row(builder, context);
  const std::string frame(builder.finish({.batch_id = 3,
                                          .first_seq = 40,
                                          .durable_seq = 30,
                                          .clock_offset_us = -5}));
  const FrameHeader header = header_of(frame);
  EXPECT_EQ(frame.size(), header.frame_bytes());
  EXPECT_EQ(frame.size() % kAlignment, 0u);
  EXPECT_EQ(header.batch_id, 3u);
  EXPECT_EQ(header.first_seq, 40u);
  EXPECT_EQ(header.durable_seq, 30u);
  EXPECT_EQ(header.clock_offset_us, -5);
  EXPECT_EQ(header.base_realtime_us, 1000u);
  EXPECT_EQ(header.rows, 2u);
  EXPECT_TRUE(header.starts_epoch);
}

TEST(FrameBuilder, SaysAContextOncePerEpoch) {
  FrameBuilder builder(kSeed);
  WalContext context{.fields = std::string(500, '\1')};
  add_row(builder, context);
  const size_t with_context = builder.finish({}).size();
  builder.clear();
  add_row(builder, context);
  EXPECT_LT(builder.finish({}).size(), with_context - 490);
  EXPECT_FALSE(header_of(builder.finish({})).starts_epoch);
  builder.clear();
  builder.start_epoch();
  add_row(builder, context);
  EXPECT_EQ(builder.finish({}).size(), with_context);
  EXPECT_TRUE(header_of(builder.finish({})).starts_epoch);
}

// Whoever rotates or drops a frame may ask before or after clearing it.
TEST(FrameBuilder, NewEpochSurvivesClear) {
  FrameBuilder builder(kSeed);
  WalContext context;
  add_row(builder, context);
  (void)builder.finish({});
  builder.start_epoch();
  builder.clear();
  add_row(builder, context);
  EXPECT_TRUE(header_of(builder.finish({})).starts_epoch);
}

// Asked for in the middle of a frame, the new epoch begins with the next one.
TEST(FrameBuilder, RunningFrameStaysInItsEpoch) {
  FrameBuilder builder(kSeed);
  WalContext context{.fields = std::string(500, '\1')};
  add_row(builder, context);
  (void)builder.finish({});
  builder.clear();
  add_row(builder, context);
  builder.start_epoch();
  add_row(builder, context);
  EXPECT_FALSE(header_of(builder.finish({})).starts_epoch);
  EXPECT_LT(builder.body_bytes(), 400u);
  builder.clear();
  add_row(builder, context);
  EXPECT_TRUE(header_of(builder.finish({})).starts_epoch);
}

TEST(FrameBuilder, EpochEndsAfterItsBytes) {
  FrameBuilder builder(kSeed);
  WalContext context;
  size_t bytes_since_start = 0;
  size_t epochs = 0;
  for (int i = 0; i < 300; ++i) {
    add_row(builder, context, std::string(1000, 'x'));
    const auto frame = builder.finish({});
    if (header_of(frame).starts_epoch) {
      EXPECT_TRUE(epochs == 0 || bytes_since_start >= kWalEpochBytes);
      bytes_since_start = 0;
      ++epochs;
    }
    bytes_since_start += frame.size();
    EXPECT_LT(bytes_since_start, kWalEpochBytes + 2 * frame.size());
    builder.clear();
  }
  EXPECT_EQ(epochs, 5u);
}

// A context may be used with two builders in turn, as on rotation.
TEST(FrameBuilder, ContextOfAnotherBuilderIsSaidAgain) {
  WalContext context{.fields = std::string(500, '\1')};
  FrameBuilder first(kSeed);
  add_row(first, context);
  FrameBuilder second(kSeed);
  add_row(second, context);
  EXPECT_EQ(second.body_bytes(), first.body_bytes());
}

TEST(FrameHeader, EveryShorterOneIsTruncated) {
  std::string bytes(kFrameHeaderBytes, '\0');
  FrameHeader{}.encode_to(bytes.data(), kSeed);
  ASSERT_TRUE(decode_frame_header(bytes, kSeed));
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto header = decode_frame_header(bytes.substr(0, length), kSeed);
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, ErrorCode::kTruncated);
  }
}

TEST(FrameHeader, EveryFlippedBitIsNoticed) {
  std::string bytes(kFrameHeaderBytes, '\0');
  FrameHeader{.body_bytes = 100, .first_seq = 7, .rows = 2}.encode_to(
      bytes.data(), kSeed);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(decode_frame_header(flipped, kSeed)) << bit;
  }
  EXPECT_FALSE(decode_frame_header(bytes, kSeed + 1)) << "another store's";
  EXPECT_FALSE(decode_frame_header(std::string(kFrameHeaderBytes, '\0'), kSeed))
      << "a tail of zeros";
}

TEST(FrameHeader, RefusesWhatNoWriterMakes) {
  const FrameHeader cases[] = {
      {.body_bytes = kFrameBodyBytesMax + 1},
      {.rows = kFrameRowsMax + 1},
      {.kind = static_cast<FrameKind>(3)},
      {.kind = static_cast<FrameKind>(0)},
  };
  for (const FrameHeader& header : cases) {
    std::string bytes(kFrameHeaderBytes, '\0');
    header.encode_to(bytes.data(), kSeed);
    EXPECT_FALSE(decode_frame_header(bytes, kSeed));
  }
}

}  // namespace
}  // namespace logfmt
