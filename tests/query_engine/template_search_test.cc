#include "query/engine/template_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "format/segment_reader.h"
#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

using logq::LiteralSearch;
using Lines = std::vector<std::string>;
using Case = LiteralSearch::Case;

char lower(char c) { return logq::lower_case(c); }

bool holds(std::string text, std::string part, Case how) {
  if (how == Case::kIgnored) {
    std::transform(text.begin(), text.end(), text.begin(), lower);
    std::transform(part.begin(), part.end(), part.begin(), lower);
  }
  return text.find(part) != std::string::npos;
}

// One block of these messages, each of which is a line of its own.
class TemplateSearchTest : public ::testing::Test {
 protected:
  void write(const Lines& messages) {
    messages_ = messages;
    std::vector<MadeEntry> entries;
    for (size_t i = 0; i < messages.size(); ++i) {
      entries.push_back(entry_of(i + 1, "", messages[i]));
    }
    const std::string name = store_.add_segment(entries);
    auto segment =
        logfmt::SegmentReader::open(store_.dir().fd(), name, store_.dir().id());
    ASSERT_TRUE(segment);
    segment_.emplace(std::move(*segment));
  }

  bool may_hold(const std::string& text, Case how) const {
    const auto strings = segment_->read_strings(0);
    EXPECT_TRUE(strings);
    return logq::strings_may_hold(*strings, LiteralSearch(text, how));
  }

  std::vector<bool> marked(const std::string& text, Case how) const {
    auto block = segment_->read_block(0);
    EXPECT_TRUE(block && block->load_text());
    std::vector<bool> lines(block->line_count(), false);
    const LiteralSearch literal(text, how);
    EXPECT_TRUE(logq::TemplateSearch(*block, literal).mark(lines));
    return lines;
  }

  // Whatever holds the text is marked.
  void expect_found(const std::string& text, Case how) const {
    const std::vector<bool> lines = marked(text, how);
    ASSERT_EQ(lines.size(), messages_.size());
    bool any = false;
    for (size_t i = 0; i < messages_.size(); ++i) {
      if (!holds(messages_[i], text, how)) continue;
      any = true;
      EXPECT_TRUE(lines[i]) << "'" << text << "' in '" << messages_[i] << "'";
    }
    EXPECT_TRUE(!any || may_hold(text, how)) << text;
  }

  MadeStore store_;
  Lines messages_;
  std::optional<logfmt::SegmentReader> segment_;
};

// Of every kind of column, with heads and with rare lines.
Lines lines_of_all_kinds() {
  Lines lines;
  for (int i = 0; i < 24; ++i) {
    const std::string n = std::to_string(i * 37 % 24);
    const std::string start = "2026-11-2" + std::to_string(i % 3) + " 10:0" +
                              std::to_string(i % 7) + ": ";
    lines.push_back(start + "GET \"/A b/" + n + "\" from 10.0." + n + ".7 [" +
                    n + "]");
    lines.push_back(start + "took 0" + std::to_string(i % 10) + " ms, id x" +
                    n + "-" + n + "Y\"a b\"\"c d\"");
  }
  lines.push_back("2026-11-20 10:01: Rare line");
  lines.push_back("2026-11-21 10:02: Rather another 5");
  lines.push_back("on its own");
  return lines;
}

TEST_F(TemplateSearchTest, FindsEveryPieceOfEveryLine) {
  write(lines_of_all_kinds());
  std::set<std::string> pieces;
  for (const std::string& message : messages_) {
    for (size_t at = 0; at < message.size(); ++at) {
      for (const size_t bytes : {1, 2, 3, 5, 8, 13, 40}) {
        pieces.insert(message.substr(at, bytes));
      }
    }
  }
  for (const std::string& piece : pieces) {
    expect_found(piece, Case::kExact);
    expect_found(piece, Case::kIgnored);
  }
}

TEST_F(TemplateSearchTest, MarksNothingForWhatNoLineCouldHold) {
  write(lines_of_all_kinds());
  for (const std::string text :
       {"absent", "GETS", "tookms", "RareRather", "9 ms, id y"}) {
    const auto lines = marked(text, Case::kExact);
    EXPECT_EQ(std::count(lines.begin(), lines.end(), true), 0) << text;
  }
  EXPECT_FALSE(may_hold("quartz", Case::kIgnored));
}

TEST_F(TemplateSearchTest, LeavesTheNumbersAloneWhereStringsDecide) {
  write(lines_of_all_kinds());
  auto block = segment_->read_block(0);
  ASSERT_TRUE(block && block->load_text());
  std::vector<bool> lines(block->line_count(), false);
  const LiteralSearch literal("GET", Case::kExact);
  ASSERT_TRUE(logq::TemplateSearch(*block, literal).mark(lines));
  EXPECT_FALSE(block->text().numbers_loaded());
  EXPECT_EQ(std::count(lines.begin(), lines.end(), true), 24);
}

TEST_F(TemplateSearchTest, LongTextThatFitsInManyWaysIsNoTrouble) {
  Lines lines;
  for (int i = 0; i < 8; ++i) {
    std::string line;
    for (int k = 0; k < 60; ++k) line += "\"a a" + std::to_string(i) + "a a\"";
    lines.push_back(line);
  }
  write(lines);
  std::string text;
  for (int k = 0; k < 200; ++k) text += "a a\"\"";
  marked(text, Case::kExact);
  expect_found(lines[3].substr(1, 200), Case::kExact);
}

}  // namespace
}  // namespace logq_test
