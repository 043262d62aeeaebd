// Whatever goes into a block comes out of it: every field of every entry, for
// entries as programs write them and as nobody should.
#include <fcntl.h>
#include <gtest/gtest.h>

#include "format/block_builder.h"
#include "format/block_reader.h"
#include "format/file.h"
#include "format/limits.h"
#include "tests/format/testing/entry_samples.h"
#include "tests/format/testing/log_lines.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt {
namespace {

using testing::copy_of;
using testing::LogLines;
using testing::Sample;

constexpr uint64_t kSeed = 7;

// Entries of one boot, with the payloads that `payload` gives.
template <class Payload>
std::vector<Sample> entries_of(size_t count, Payload payload) {
  std::vector<Sample> entries(count);
  uint64_t seq = 1000;
  for (Sample& entry : entries) {
    entry.seq = ++seq;
    entry.realtime_us += seq * 1000;
    entry.monotonic_us += seq * 1000;
    entry.payload = payload();
  }
  return entries;
}

std::vector<Sample> program_run(uint64_t seed, size_t count) {
  LogLines lines(seed);
  std::vector<Sample> entries = testing::awkward_run(seed, count);
  for (Sample& entry : entries) {
    const auto line = lines.next();
    entry.context =
        testing::fields({{"SYSLOG_IDENTIFIER", std::string(line.identifier)}});
    entry.payload = line.payload;
  }
  return entries;
}

::testing::AssertionResult same(const Sample& read, const Sample& written) {
  if (read == written) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "read    " << testing::listing({read}) << "written "
         << testing::listing({written});
}

// Blocks with as many of the entries as they accept, read back and compared.
class BlockRoundTrip : public ::testing::Test {
 protected:
  void expect_kept(const std::vector<Sample>& entries, int level = 1) {
    for (size_t done = 0; done < entries.size();) {
      const size_t begin = done;
      while (done < entries.size() && builder_.accepts(entries[done].view())) {
        builder_.add(entries[done++].view());
      }
      ASSERT_GT(done, begin);
      const EncodedBlock block = builder_.finish(level);
      ASSERT_EQ(block.bytes.size(), block.header.block_bytes());
      compare(block, entries.data() + begin, done - begin);
      if (HasFatalFailure()) return;
    }
  }

  void compare(const EncodedBlock& block, const Sample* written, size_t count) {
    testing::write_whole(dir_ / "block", block.bytes);
    const auto file = Fd(open((dir_ / "block").c_str(), O_RDONLY));
    const auto header = decode_block_header(block.bytes, kSeed);
    ASSERT_TRUE(header) << header.error().message();
    auto reader = BlockReader::open(file.get(), 0, *header, kSeed);
    ASSERT_TRUE(reader) << reader.error().message();
    const auto status = reader->load_payloads();
    ASSERT_TRUE(status) << status.error().message();
    ASSERT_EQ(reader->rows(), count);
    // The last row first: no row may need the one before it.
    for (size_t row = count; row-- > 0;) {
      ASSERT_TRUE(same(copy_of(reader->entry(row)), written[row])) << row;
    }
  }

  testing::TempDir dir_;
  BlockBuilder builder_{kSeed};
};

TEST_F(BlockRoundTrip, OfWhatProgramsWrite) {
  const uint64_t seeds = std::getenv("LOGD_TEST_LONG") != nullptr ? 2000 : 40;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    expect_kept(program_run(seed, 40 + seed % 8 * 250),
                static_cast<int>(1 + seed % 9));
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
  }
}

TEST_F(BlockRoundTrip, OfOddPayloadsAlone) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    LogLines lines(seed);
    expect_kept(entries_of(seed * 7, [&] { return lines.odd_payload(); }));
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
  }
}

TEST_F(BlockRoundTrip, OfEverySmallNumberOfRows) {
  for (size_t rows = 1; rows <= 20; ++rows) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      expect_kept(program_run(seed, rows));
      expect_kept(testing::awkward_run(seed, rows));
      ASSERT_FALSE(HasFatalFailure()) << rows << " rows, seed " << seed;
    }
  }
}

TEST_F(BlockRoundTrip, OfAsManyRowsAsABlockTakes) {
  const auto entries = program_run(5, kBlockRowsMax);
  expect_kept(entries);
  LogLines lines(6);
  expect_kept(entries_of(kBlockRowsMax, [&] {
    return testing::fields({{"MESSAGE", std::to_string(lines.below(99))}});
  }));
}

TEST_F(BlockRoundTrip, OfDuplicatesOnly) {
  LogLines lines(1);
  for (int i = 0; i < 30; ++i) {
    const std::string payload = lines.next().payload;
    expect_kept(entries_of(300, [&] { return payload; }));
    const std::string odd = lines.odd_payload();
    expect_kept(entries_of(300, [&] { return odd; }));
  }
}

TEST_F(BlockRoundTrip, OfTextThatNeverRepeats) {
  std::mt19937_64 random(1);
  expect_kept(entries_of(3000, [&] {
    std::string message;
    for (size_t i = random() % 60; i > 0; --i) {
      message += static_cast<char>(' ' + random() % 95);
    }
    return testing::fields({{"MESSAGE", message}});
  }));
}

// A column whose values are all alike but one, wherever that one stands.
TEST_F(BlockRoundTrip, OfOneOddValueAmongPlainOnes) {
  const std::vector<std::string> plain{"17",    "0017", "10.0.0.17", "3.50",
                                       "ab12c", "-17",  "\"a 17 b\""};
  const std::vector<std::string> odd{"",
                                     "0",
                                     "00",
                                     "-0",
                                     "18446744073709551616",
                                     "9223372036854775808",
                                     "x",
                                     "1.",
                                     ".1",
                                     "1-",
                                     "\xc3\xa9",
                                     std::string("\0", 1),
                                     "\x01",
                                     "1 2",
                                     "\"",
                                     "\n",
                                     "100000000000000000000"};
  for (const std::string& usual : plain) {
    for (const std::string& other : odd) {
      for (const size_t place : {size_t{0}, size_t{7}, size_t{19}}) {
        size_t row = 0;
        expect_kept(entries_of(20, [&] {
          return testing::fields(
              {{"MESSAGE", "value " + (row++ == place ? other : usual) + "!"}});
        }));
        ASSERT_FALSE(HasFatalFailure()) << usual << " and " << other;
      }
    }
  }
}

TEST_F(BlockRoundTrip, OfIntegersAroundEveryPowerOfTwoAndTen) {
  std::vector<std::string> values;
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const int64_t by : {-1, 0, 1}) {
      values.push_back(
          std::to_string((uint64_t{1} << bit) + static_cast<uint64_t>(by)));
      values.push_back("-" + values.back());
    }
  }
  for (std::string ten = "1"; ten.size() < 30; ten += '0') {
    values.insert(values.end(), {ten, std::string(ten.size(), '9')});
  }
  size_t next = 0;
  const auto payload = [&] {
    return testing::fields({{"MESSAGE", "n=" + values[next++]}});
  };
  expect_kept(entries_of(values.size(), payload));
  // Each among neighbours only, so that small values get small columns.
  for (size_t from = 0; from + 8 <= values.size(); ++from) {
    next = from;
    expect_kept(entries_of(8, payload));
    ASSERT_FALSE(HasFatalFailure()) << values[from];
  }
}

TEST_F(BlockRoundTrip, OfLargePayloadsAmongSmallOnes) {
  LogLines lines(3);
  for (int i = 0; i < 6; ++i) {
    expect_kept(entries_of(12, [&] {
      return lines.below(4) == 0 ? lines.large_payload() : lines.next().payload;
    }));
  }
}

TEST_F(BlockRoundTrip, OfOneGiant) {
  LogLines lines(4);
  std::string message;
  while (message.size() < kEntryBytesMax - 4096) {
    message += lines.next().payload + "\n";
  }
  message.resize(kEntryBytesMax - 64);
  expect_kept(entries_of(1, [&] {
    return testing::fields({{"MESSAGE", message}});
  }));
}

}  // namespace
}  // namespace logfmt
