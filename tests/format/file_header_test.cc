#include "format/file_header.h"

#include <gtest/gtest.h>

#include "format/checksum.h"
#include "format/coding.h"
#include "tests/format/testing/store_samples.h"

namespace logfmt {
namespace {

const Id128 kStore = testing::id_of(0x5A);
const FileHeader kHeader{.magic = kWalMagic,
                         .store = kStore,
                         .boot = testing::kBoot,
                         .first_seq = 42,
                         .created_us = 1'700'000'000'000'000};

ErrorCode code_of(std::string_view bytes) {
  const auto header = decode_file_header(bytes, kWalMagic, kStore);
  return header ? ErrorCode::kInvalidArgument : header.error().code;
}

// Sets four bytes and makes the checksum right again.
std::string with_word(size_t at, uint32_t word) {
  std::string bytes = kHeader.encode();
  put_fixed(bytes.data() + at, word);
  put_fixed(bytes.data() + 72,
            checksum(bytes.substr(0, 72), checksum_seed(kStore)));
  return bytes;
}

TEST(FileHeader, KeepsWhatWasWritten) {
  const std::string bytes = kHeader.encode();
  ASSERT_EQ(bytes.size(), kFileHeaderBytes);
  const auto header = decode_file_header(bytes, kWalMagic, kStore);
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->store, kStore);
  EXPECT_EQ(header->boot, testing::kBoot);
  EXPECT_EQ(header->first_seq, 42u);
  EXPECT_EQ(header->created_us, 1'700'000'000'000'000u);
}

TEST(FileHeader, EveryShorterOneIsTruncated) {
  const std::string bytes = kHeader.encode();
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(code_of(bytes.substr(0, length)), ErrorCode::kTruncated);
  }
}

TEST(FileHeader, EveryFlippedBitIsNoticed) {
  const std::string bytes = kHeader.encode();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_EQ(code_of(flipped), ErrorCode::kCorrupt) << bit;
  }
}

TEST(FileHeader, FilesOfAnotherStoreOrKindAreRefused) {
  const std::string bytes = kHeader.encode();
  EXPECT_FALSE(decode_file_header(bytes, kWalMagic, testing::id_of(1)));
  EXPECT_FALSE(decode_file_header(bytes, kSegmentMagic, kStore));
}

TEST(FileHeader, NewerFilesAreLeftAlone) {
  EXPECT_EQ(code_of(with_word(8, 2)), ErrorCode::kUnsupported);   // version
  EXPECT_EQ(code_of(with_word(16, 1)), ErrorCode::kUnsupported);  // flag
  EXPECT_TRUE(decode_file_header(with_word(12, 1), kWalMagic, kStore))
      << "an unknown compatible flag is no reason not to read";
}

}  // namespace
}  // namespace logfmt
