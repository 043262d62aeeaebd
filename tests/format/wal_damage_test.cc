// What a reader makes of a WAL that was cut, changed or mixed up. The oracle
// is is_honest(): nothing wrong, nothing missing without a word.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "format/checksum.h"
#include "format/wal_reader.h"
#include "tests/format/testing/store_samples.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::is_honest;
using testing::make_store;
using testing::read_wal;
using testing::read_whole;
using testing::Sample;
using testing::TempDir;
using testing::write_epochs;
using testing::write_whole;

class WalDamage : public ::testing::Test {
 protected:
  void write(size_t epochs, size_t frames, size_t rows) {
    entries_ = write_epochs(store_, epochs, frames, rows, &offsets_);
    bytes_ = read_whole(path_);
  }

  testing::Reading read_as(const std::string& bytes) {
    write_whole(path_, bytes);
    return read_wal(store_, wal_name(1));
  }

  std::string frame(size_t index) const {
    const size_t end =
        index + 1 < offsets_.size() ? offsets_[index + 1] : bytes_.size();
    return bytes_.substr(offsets_[index], end - offsets_[index]);
  }

  TempDir dir_;
  StoreDir store_ = make_store(dir_.path());
  std::string path_ = dir_ / wal_name(1);
  std::vector<Sample> entries_;
  std::vector<uint64_t> offsets_;  // of the frames, the end frame's last
  std::string bytes_;
};

TEST_F(WalDamage, CutAnywhereLeavesAPrefix) {
  write(3, 3, 4);
  for (size_t length = bytes_.size(); length-- > 0;) {
    std::filesystem::resize_file(path_, length);
    const auto reading = read_wal(store_, wal_name(1));
    ASSERT_EQ(reading.opened, length >= kFileHeaderBytes) << length;
    size_t whole_frames = 0;
    while (whole_frames + 1 < offsets_.size() &&
           offsets_[whole_frames + 1] <= length) {
      ++whole_frames;
    }
    ASSERT_EQ(reading.entries.size(), whole_frames * 4) << length;
    ASSERT_TRUE(std::equal(reading.entries.begin(), reading.entries.end(),
                           entries_.begin()));
    ASSERT_TRUE(reading.gaps.empty()) << length;
    if (reading.opened) {
      ASSERT_EQ(reading.open_from, whole_frames * 4 + 1) << length;
    }
  }
}

TEST_F(WalDamage, EveryFlippedBitIsOwnedUpTo) {
  const bool all = std::getenv("LOGD_TEST_LONG") != nullptr;
  write(4, all ? 40 : 5, 5);
  ASSERT_GE(bytes_.size(), all ? 32u << 10 : 4096u);
  const int fd = open(path_.c_str(), O_WRONLY);
  ASSERT_GE(fd, 0);
  for (size_t bit = 0; bit < bytes_.size() * 8; ++bit) {
    const auto at = static_cast<off_t>(bit / 8);
    const char flipped = static_cast<char>(bytes_[bit / 8] ^ 1 << bit % 8);
    ASSERT_EQ(pwrite(fd, &flipped, 1, at), 1);
    const auto reading = read_wal(store_, wal_name(1));
    ASSERT_EQ(reading.opened, bit / 8 >= kFileHeaderBytes) << bit;
    ASSERT_TRUE(is_honest(reading, entries_)) << "bit " << bit;
    ASSERT_EQ(pwrite(fd, &bytes_[bit / 8], 1, at), 1);
  }
  (void)close(fd);
}

// A lost frame costs at most the rest of its epoch.
TEST_F(WalDamage, ReadingGoesOnAtTheNextEpoch) {
  write(3, 3, 2);
  std::string bytes = bytes_;
  bytes[offsets_[3] + 90] ^= 1;  // the first frame of the second epoch
  const auto reading = read_as(bytes);
  ASSERT_TRUE(is_honest(reading, entries_));
  EXPECT_EQ(reading.entries.size(), 12u);
  ASSERT_EQ(reading.gaps.size(), 1u);
  EXPECT_EQ(reading.gaps[0].first_seq, 7u);
  EXPECT_EQ(reading.gaps[0].last_seq, 12u);
  EXPECT_EQ(reading.gaps[0].begin, offsets_[3]);
  EXPECT_EQ(reading.gaps[0].end, offsets_[6]);
  EXPECT_EQ(reading.gaps[0].cause, "a frame does not check");
}

TEST_F(WalDamage, ZeroedFramesAreGaps) {
  write(3, 3, 2);
  for (size_t i = 0; i + 1 < offsets_.size(); ++i) {
    std::string bytes = bytes_;
    const size_t size = frame(i).size();
    bytes.replace(offsets_[i], size, size, '\0');
    const auto reading = read_as(bytes);
    EXPECT_TRUE(is_honest(reading, entries_)) << i;
    EXPECT_EQ(reading.gaps.size(), 1u) << i;
    EXPECT_FALSE(reading.open_from) << "its end frame was read";
  }
}

TEST_F(WalDamage, SwappedFramesNeverGetForeignContexts) {
  write(2, 5, 3);
  for (size_t a = 0; a + 1 < offsets_.size(); ++a) {
    for (size_t b = a + 1; b < offsets_.size(); ++b) {
      std::string bytes = bytes_.substr(0, offsets_[0]);
      for (size_t i = 0; i < offsets_.size(); ++i) {
        bytes += frame(i == a ? b : i == b ? a : i);
      }
      const auto reading = read_as(bytes);
      EXPECT_TRUE(is_honest(reading, entries_)) << a << " and " << b;
      if (b + 1 < offsets_.size()) {
        EXPECT_FALSE(reading.gaps.empty()) << a << " and " << b;
      }
    }
  }
}

TEST_F(WalDamage, DuplicatedFrameIsReadOnce) {
  write(2, 4, 3);
  for (size_t i = 0; i + 1 < offsets_.size(); ++i) {
    std::string inserted = bytes_;
    inserted.insert(offsets_[i], frame(i));
    const auto reading = read_as(inserted);
    EXPECT_EQ(reading.entries, entries_) << i;
    EXPECT_EQ(reading.gaps.size(), 1u) << "bytes that are no frame: said";
  }
}

TEST_F(WalDamage, FrameWrittenOverItsNeighbourIsAGap) {
  write(2, 4, 3);
  for (size_t i = 0; i + 2 < offsets_.size(); ++i) {
    std::string bytes = bytes_;
    bytes.replace(offsets_[i + 1], frame(i).size(), frame(i));
    const auto reading = read_as(bytes);
    EXPECT_TRUE(is_honest(reading, entries_)) << i;
    EXPECT_EQ(reading.gaps.size(), 1u) << i;
  }
}

TEST_F(WalDamage, LostFramesAreAGap) {
  write(2, 4, 3);
  for (size_t i = 0; i + 1 < offsets_.size(); ++i) {
    std::string bytes = bytes_;
    bytes.erase(offsets_[i], frame(i).size());
    const auto reading = read_as(bytes);
    EXPECT_TRUE(is_honest(reading, entries_)) << i;
    ASSERT_EQ(reading.gaps.size(), 1u) << i;
    EXPECT_EQ(reading.gaps[0].cause, "frames are missing");
  }
}

TEST_F(WalDamage, FramesOfAnotherStoreAreDamage) {
  write(2, 4, 3);
  const TempDir other_dir;
  const StoreDir other = make_store(other_dir.path(), testing::id_of(0x33));
  std::vector<uint64_t> offsets;
  (void)write_epochs(other, 2, 4, 3, &offsets);
  const std::string foreign = read_whole(other_dir / wal_name(1));
  ASSERT_EQ(offsets, offsets_);
  for (size_t i = 0; i + 1 < offsets_.size(); ++i) {
    std::string bytes = bytes_;
    bytes.replace(offsets_[i], frame(i).size(), foreign, offsets_[i],
                  frame(i).size());
    const auto reading = read_as(bytes);
    EXPECT_TRUE(is_honest(reading, entries_)) << i;
    EXPECT_EQ(reading.gaps.size(), 1u) << i;
  }
}

// A sender who knows the store's uuid may put a frame into a message. Damage
// of the frame around it must not bring it to life.
TEST_F(WalDamage, FrameInsideAMessageIsNeverRead) {
  testing::WalMaker forger(store_, 900);
  forger.start_epoch();
  std::vector<Sample> rows{testing::plain(3, "root", "forged")};
  const std::string forged = forger.frame(rows);
  testing::WalMaker wal(store_, 1);
  wal.append(std::vector{testing::plain(1, "bot", "first")});
  const uint64_t begin = wal.writer().bytes();
  std::string message;
  for (size_t i = 0; i < 16; ++i) message += forged + std::string(i, ' ');
  wal.append(std::vector{testing::plain(2, "bot", message)});
  std::string bytes = read_whole(path_);
  bytes[begin + kFrameHeaderBytes] ^= 1;
  EXPECT_EQ(read_as(bytes).entries.size(), 1u);
}

// Intact bytes that no writer makes; the checksums hold.
TEST_F(WalDamage, RowsThatMakeNoSenseAreAGap) {
  const uint64_t seed = checksum_seed(store_.id());
  const auto with_body = [&](const std::string& body) {
    FrameHeader header{.body_bytes = static_cast<uint32_t>(body.size()),
                       .body_checksum = checksum(body, seed),
                       .first_seq = 1,
                       .rows = 3,
                       .starts_epoch = true};
    std::string frame(header.frame_bytes(), '\0');
    header.encode_to(frame.data(), seed);
    return frame.replace(kFrameHeaderBytes, body.size(), body);
  };
  write(1, 1, 1);
  const std::string head = bytes_.substr(0, kFileHeaderBytes);
  const std::string context("\0\0", 2);
  for (const std::string& body :
       {std::string(), std::string("\1\6\0\0\0\0\0\0", 8), context,
        context + std::string("\2\6\0\0\0\0\0\0", 8),
        context + std::string("\1\x09\0\0\0\0\0\0", 8),
        context + std::string("\1\6\0\0\xff\xff\xff\xff", 8),
        context + std::string("\1\6\0\0\2\0\0\0\0\x09", 10),
        std::string("\0\x04\1A\x09v", 6)}) {
    write_whole(path_, head + with_body(body));
    auto reader = WalReader::open(store_.fd(), wal_name(1), store_.id());
    ASSERT_TRUE(reader && reader->refresh());
    EntryView entry;
    EXPECT_FALSE(reader->next(entry));
    ASSERT_TRUE(reader->open_gap());
    EXPECT_EQ(reader->open_gap()->begin, kFileHeaderBytes);
    EXPECT_EQ(reader->open_gap()->first_seq, 1u);
  }
}

}  // namespace
}  // namespace logfmt
