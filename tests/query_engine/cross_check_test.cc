// What the engine finds, by whatever shortcut, is what looking at every entry
// finds: the same entries, whole, in the same order.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "query/engine/search.h"
#include "tests/query_engine/plain_search.h"
#include "tests/query_engine/random_query.h"

namespace logq_test {
namespace {

using MakeEntries = std::vector<MadeEntry> (*)(Random&, size_t);

std::string described(const logq::Query& query) {
  std::string text;
  for (const auto& pattern : query.text.include) {
    text += " include /" + pattern + "/";
  }
  for (const auto& pattern : query.text.exclude) {
    text += " exclude /" + pattern + "/";
  }
  for (const auto& unit : query.units.include) text += " unit " + unit;
  for (const auto& group : query.groups) {
    for (const auto& term : group) {
      text += " " + term.name + (term.negated ? "!=" : "=") + term.value;
    }
    text += " +";
  }
  text += " since " + std::to_string(query.since_us) + " until " +
          std::to_string(query.until_us) + " after " +
          std::to_string(query.after_seq) + " priorities " +
          std::to_string(query.priority_mask);
  if (query.limit) text += " limit " + std::to_string(*query.limit);
  return text + (query.reverse ? " reverse" : "");
}

class CheckedStore : public testing::Test {
 protected:
  void expect_same(const logq::Query& query) {
    const Answer answer = ask(*store_, query);
    ASSERT_TRUE(answer.status) << answer.status.error().message();
    ASSERT_TRUE(answer.gaps.empty()) << answer.gaps.front().message();
    ASSERT_EQ(answer.seqs, plain_search(entries_, query)) << described(query);
    for (const MadeEntry& entry : answer.entries) {
      ASSERT_EQ(entry, entries_[entry.seq - entries_.front().seq]);
    }
    matches_ += answer.seqs.size();
  }

  Random random_;
  std::vector<MadeEntry> entries_;
  std::optional<MadeStore> store_;
  size_t matches_ = 0;
};

// Stores of one kind of entries, and queries about them.
class CrossCheck : public CheckedStore,
                   public testing::WithParamInterface<MakeEntries> {
 protected:
  void fill(unsigned seed, size_t count) {
    random_.seed(seed);
    entries_ = GetParam()(random_, count);
    store_.emplace();
    fill_store(random_, entries_, *store_);
  }

  // Calls `check` for several stores; a long run for many.
  template <class Check>
  void for_stores(Check check) {
    const unsigned seeds = std::getenv("LOGD_TEST_LONG") != nullptr ? 1000 : 12;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
      fill(seed, 40 + seed % 12 * 40);
      check();
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
    }
    // Queries that are all empty-handed would show nothing.
    EXPECT_GT(matches_, seeds * 20);
  }
};

TEST_P(CrossCheck, OfEachFilterAlone) {
  for_stores([&] {
    for (int i = 0; i < 4; ++i) {
      for (const auto& query : single_filters(random_, entries_)) {
        ASSERT_NO_FATAL_FAILURE(expect_same(query));
      }
    }
  });
}

TEST_P(CrossCheck, OfFiltersTogether) {
  for_stores([&] {
    for (int i = 0; i < 60; ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_same(random_query(random_, entries_)));
    }
  });
}

TEST_P(CrossCheck, OfText) {
  for_stores([&] {
    for (int i = 0; i < 150; ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_same(text_query(random_, entries_)));
    }
  });
}

// Every single entry is where a window, a block or a limit may begin or end.
TEST_P(CrossCheck, OfWindowsThatBeginAndEndAtEveryEntry) {
  fill(3, 60);
  for (const MadeEntry& entry : entries_) {
    const size_t rank = entry.seq - entries_.front().seq;
    for (const bool reverse : {false, true}) {
      for (logq::Query query : std::vector<logq::Query>{
               {.since_us = entry.realtime_us},
               {.until_us = entry.realtime_us},
               {.since_us = entry.realtime_us, .until_us = entry.realtime_us},
               {.since_us = entry.realtime_us + 1},
               {.until_us = entry.realtime_us - 1},
               {.after_seq = entry.seq},
               {.limit = rank},
               {.limit = rank, .from_oldest = true},
               {.after_seq = entry.seq, .limit = 3, .from_oldest = true}}) {
        query.reverse = reverse;
        ASSERT_NO_FATAL_FAILURE(expect_same(query));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, CrossCheck,
                         testing::Values(random_entries, program_entries),
                         [](const auto& kind) {
                           return kind.index == 0 ? "OddEntries" : "Programs";
                         });

// The lines of a log file, of a compressed one by the program zstd.
class Corpora : public CheckedStore {
 protected:
  static constexpr size_t kLinesPerStore = 20'000;

  void check_file(const std::filesystem::path& path) {
    const bool compressed = path.extension() == ".zst";
    const std::string command =
        (compressed ? "zstd -dcq '" : "cat '") + path.string() + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> lines(
        popen(command.c_str(), "re"), pclose);
    ASSERT_TRUE(lines) << path;
    char* line = nullptr;
    size_t capacity = 0;
    for (ssize_t bytes = 0; bytes >= 0;) {
      bytes = getline(&line, &capacity, lines.get());
      if (bytes > 0) add_line({line, static_cast<size_t>(bytes)});
      if (entries_.size() < kLinesPerStore && bytes >= 0) continue;
      if (!entries_.empty()) check_lines();
      if (HasFatalFailure()) break;
      entries_.clear();
    }
    std::free(line);
  }

  void add_line(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    entries_.push_back(entry_of(1 + entries_.size(), "corpus.service", line));
  }

  void check_lines() {
    store_.emplace();
    const Entries all(entries_);
    const size_t sealed = all.size() / 2;
    const size_t open = all.size() / 4;
    if (open > 0) {
      store_->add_segment(all.first(sealed), 1 + sealed / 5);
      store_->add_segment(all.subspan(sealed, open), 4096, Ending::kOpen);
    }
    store_->add_wal(all.subspan(open == 0 ? 0 : sealed + open));
    ASSERT_NO_FATAL_FAILURE(expect_same({}));
    for (int i = 0; i < 40; ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_same(text_query(random_, entries_)));
    }
  }
};

TEST_F(Corpora, AreFoundLikeAnythingElse) {
  const char* folder = std::getenv("LOGD_TEST_CORPORA");
  if (folder == nullptr) GTEST_SKIP() << "LOGD_TEST_CORPORA is not set";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto kind = file.path().extension();
    if (kind != ".log" && kind != ".zst") continue;
    SCOPED_TRACE(file.path());
    ASSERT_NO_FATAL_FAILURE(check_file(file.path()));
  }
}

}  // namespace
}  // namespace logq_test
