#include "logd/store/free_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
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

// In a thread; tells whether all but an eighth was given back.
bool gives_back() {
  size_t before = 0;
  size_t at_most = 0;
  size_t after = 0;
  std::thread([&] {
    before = resident_bytes();
    // After it is freed, glibc takes as much for not worth giving back.
    std::string large(kLargeBytes, 'x');
    large = {};
    large.shrink_to_fit();
    std::vector<std::string> pieces(kPieces);
    for (std::string& piece : pieces) piece.assign(kPieceBytes, 'x');
    at_most = resident_bytes();
    pieces = {};
    give_back_free_memory();
    after = resident_bytes();
  }).join();
  constexpr size_t kBytes = kPieces * kPieceBytes;
  return at_most > before + kBytes / 2 && after < before + kBytes / 8;
}

// In a process of its own, where no thread has got a heap yet.
TEST(FreeMemory, OfAThreadIsGivenBack) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer has a heap of its own";
#endif
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto try_it = [] {
    share_one_heap();
    std::exit(gives_back() ? 0 : 1);
  };
  EXPECT_EXIT(try_it(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace logd
