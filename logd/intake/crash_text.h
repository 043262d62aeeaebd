// A parser that dies of a message, for tests: builds with LOGD_TESTS abort on
// the text that the environment variable LOGD_TEST_CRASH_TEXT names.
#pragma once

#include <string_view>

#ifdef LOGD_TESTS
#include <cstdlib>
#endif

namespace logd {

inline void crash_on_test_text([[maybe_unused]] std::string_view bytes) {
#ifdef LOGD_TESTS
  static const char* const text = std::getenv("LOGD_TEST_CRASH_TEXT");
  if (text != nullptr && bytes.find(text) != std::string_view::npos) {
    std::abort();
  }
#endif
}

}  // namespace logd
