#include "logd/store/free_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <thread>
#include <vector>

namespace logd {
namespace {

constexpr size_t kPieces = 512;
constexpr size_t kPieceBytes = 64 << 10;
constexpr size_t kLargeBytes = 24 << 20;

// Allocates nothing: that would come to lie behind what is to be given back.
size_t resident_bytes() {
  std::array<char, 128> text{};
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  const ssize_t got = read(fd, text.data(), text.size());
  close(fd);
  if (got <= 0) return 0;
  const char* const end = text.data() + got;
  const char* const second = std::find<const char*>(text.data(), end, ' ') + 1;
  size_t pages = 0;
  std::from_chars(second, end, pages);
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

TEST(FreeMemory, OfAThreadIsGivenBack) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer has a heap of its own";
#endif
  share_one_heap();
  const size_t before = resident_bytes();
  size_t at_most = 0;
  std::thread([&] {
    // After it is freed, glibc takes as much for not worth giving back.
    std::string large(kLargeBytes, 'x');
    at_most = large.size() + static_cast<size_t>(large.back());
    large = {};
    large.shrink_to_fit();
    std::vector<std::string> pieces(kPieces);
    for (std::string& piece : pieces) piece.assign(kPieceBytes, 'x');
    at_most = resident_bytes();
    pieces = {};
    give_back_free_memory();
    EXPECT_LT(resident_bytes(), before + kPieces * kPieceBytes / 8);
  }).join();
  EXPECT_GT(at_most, before + kPieces * kPieceBytes / 2);
}

}  // namespace
}  // namespace logd
