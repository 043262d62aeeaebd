#include "format/compression.h"

#include <gtest/gtest.h>

#include <random>

namespace logfmt {
namespace {

TEST(Compression, KeepsBytes) {
  std::mt19937_64 random(3);
  std::string noise(100'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  Compressor compressor;
  Decompressor decompressor;
  for (const std::string& raw :
       {std::string(), std::string("x"), noise, std::string(100'000, 'a')}) {
    std::string stored = "before";
    const auto how = compressor.append(raw, 3, stored);
    EXPECT_LE(stored.size(), 6 + raw.size());
    std::string read;
    const auto status = decompressor.decompress(
        std::string_view(stored).substr(6), how, raw.size(), read);
    ASSERT_TRUE(status) << status.error().message();
    EXPECT_EQ(read, raw);
    EXPECT_EQ(stored.substr(0, 6), "before");
  }
}

TEST(Compression, RefusesWrongLengths) {
  Compressor compressor;
  Decompressor decompressor;
  std::string stored;
  ASSERT_EQ(compressor.append(std::string(5000, 'a'), 3, stored),
            Compression::kZstd);
  std::string out;
  for (const size_t promised : {0, 4999, 5001}) {
    EXPECT_FALSE(
        decompressor.decompress(stored, Compression::kZstd, promised, out));
  }
  EXPECT_FALSE(decompressor.decompress("abc", Compression::kNone, 4, out));
  EXPECT_FALSE(
      decompressor.decompress("abc", static_cast<Compression>(7), 3, out));
}

TEST(Compression, RefusesEveryShorterFrame) {
  Compressor compressor;
  Decompressor decompressor;
  std::string stored;
  (void)compressor.append(std::string(5000, 'a') + "tail", 3, stored);
  std::string out;
  for (size_t length = 0; length < stored.size(); ++length) {
    EXPECT_FALSE(
        decompressor.decompress(std::string_view(stored).substr(0, length),
                                Compression::kZstd, 5004, out))
        << length;
  }
}

}  // namespace
}  // namespace logfmt
