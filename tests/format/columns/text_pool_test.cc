#include "format/columns/text_pool.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace logfmt {
namespace {

// Of all sizes around that of a chunk.
std::vector<std::string> some_texts() {
  std::vector<std::string> texts;
  for (const size_t bytes : {0, 1, 200'000, 100'000, 262'144, 262'145, 7}) {
    texts.emplace_back(bytes, static_cast<char>('a' + texts.size()));
  }
  return texts;
}

TEST(TextPool, KeepsEachTextUntilItIsCleared) {
  TextPool pool;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::pair<std::string, std::string_view>> kept;
    for (const std::string& text : some_texts()) {
      kept.emplace_back(text, pool.keep(text));
    }
    for (const auto& [text, view] : kept) EXPECT_EQ(view, text);
    pool.clear();
  }
}

TEST(TextPool, UsesItsMemoryAgain) {
  TextPool pool;
  const char* const first = pool.keep("some text").data();
  pool.clear();
  EXPECT_EQ(pool.keep("another").data(), first);
}

}  // namespace
}  // namespace logfmt
