#include <gtest/gtest.h>

#include <random>

#include "format/columns/column_encoder.h"
#include "format/columns/column_reader.h"

namespace logfmt {
namespace {

using Strings = std::vector<std::string>;

struct Written {
  ColumnStreams streams{};
  size_t values = 0;
};

Written write(const Strings& values, std::span<const ColumnKey> keys = {}) {
  const std::vector<std::string_view> views(values.begin(), values.end());
  Written written{.values = values.size()};
  ColumnEncoder().encode(views, keys, written.streams);
  return written;
}

// A reader of `written`, which must outlive it.
bool read(const Written& written, ColumnReader& column,
          std::span<const uint32_t> key_entries = {}) {
  Decoder descriptors(written.streams.descriptors);
  std::string_view strings = written.streams.strings;
  std::string_view numbers = written.streams.numbers.bytes;
  return column.read_descriptor(descriptors, written.values) &&
         descriptors.at_end() && column.read_strings(strings) &&
         strings.empty() && column.read_numbers(numbers) && numbers.empty() &&
         column.decode(key_entries);
}

void expect_kept(const Strings& values, ColumnKind kind) {
  const Written written = write(values);
  ColumnReader column;
  ASSERT_TRUE(read(written, column));
  EXPECT_EQ(column.kind(), kind) << values.front();
  for (size_t i = 0; i < values.size(); ++i) {
    TextBuffer value;
    column.append(i, value);
    EXPECT_EQ(value.view(), values[i]);
  }
}

Strings numbers(size_t count, auto&& value_of) {
  Strings values;
  for (size_t i = 0; i < count; ++i) {
    values.push_back(std::to_string(value_of(i)));
  }
  return values;
}

TEST(Column, TakesTheKindThatSuitsTheValues) {
  std::mt19937_64 random(1);
  expect_kept(numbers(200, [&](size_t) { return random() % 5000; }),
              ColumnKind::kNumber);
  expect_kept(numbers(200, [](size_t i) { return 1'000'000 + 3 * i; }),
              ColumnKind::kDelta);
  Strings names;
  Strings addresses;
  Strings words;
  for (int i = 0; i < 200; ++i) {
    names.push_back(i % 3 == 0 ? "first.example" : "second.example");
    addresses.push_back("10." + std::to_string(random() % 256) + "." +
                        std::to_string(random() % 256) + ".7");
    words.push_back(std::string(1 + random() % 9, 'a') + "x" +
                    std::to_string(random()));
    words.back().insert(random() % 3, "-");
  }
  expect_kept(names, ColumnKind::kDictionary);
  expect_kept(addresses, ColumnKind::kSplit);
  expect_kept(words, ColumnKind::kText);
}

TEST(Column, KeepsNumbersThatDoNotLookLikeNumbers) {
  for (const Strings& values : std::vector<Strings>{
           {"007", "008", "112"},
           {"7", "08", "9"},
           {"0", "00"},
           {"9999999999999999999", "0000000000000000001"},
           {"9999999999999999999", "1", "18446744073709551615"},
           {"18446744073709551616", "1"},
           {"-1", "1"},
           {"1.0", "1.00", "1."},
           {"", "1"},
           {"1:2", "3:4", "33:44"}}) {
    const Written written = write(values);
    ColumnReader column;
    ASSERT_TRUE(read(written, column));
    for (size_t i = 0; i < values.size(); ++i) {
      TextBuffer value;
      column.append(i, value);
      EXPECT_EQ(value.view(), values[i]);
    }
  }
}

TEST(Column, KeyedColumnCostsNothingWhereTheKeyTells) {
  Strings agents;
  ColumnKey key{.slot = 3};
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    const auto client = static_cast<uint32_t>(random() % 40);
    key.ids.push_back(client);
    agents.push_back("agent/" + std::to_string(client * 7 % 11) + ".0 of many");
  }
  const Written written = write(agents, {&key, 1});
  ColumnReader column;
  ASSERT_TRUE(read(written, column, key.ids));
  EXPECT_EQ(column.kind(), ColumnKind::kKeyed);
  EXPECT_EQ(column.key_slot(), 3u);
  for (size_t i = 0; i < agents.size(); ++i) {
    EXPECT_EQ(column.entry(column.entry_of(i)), agents[i]);
  }
  ColumnReader without_key;
  EXPECT_FALSE(read(written, without_key));
}

TEST(Column, FindsTheEntryOfAPlaceInItsStrings) {
  const Written written = write({"ab", "c", "ab", "", "c", "ab", "c", "c"});
  ColumnReader column;
  ASSERT_TRUE(read(written, column));
  ASSERT_EQ(column.strings(), std::string_view("ab\1c\1\1"));
  EXPECT_EQ(column.entry_at(0), 0u);
  EXPECT_EQ(column.entry_at(1), 0u);
  EXPECT_EQ(column.entry_at(3), 1u);
  EXPECT_EQ(column.entry(2), "");
}

TEST(Column, WrongNumberOfEntriesIsRefusedEachTimeItIsAskedFor) {
  Written written = write({"one", "two", "one", "two", "two"});
  for (const std::string_view strings :
       {"one\1two\1x\1", "one\1two", "one\1"}) {
    written.streams.strings = strings;
    written.streams.descriptors = {1 | 1 << 4, 2,
                                   static_cast<char>(strings.size())};
    ColumnReader column;
    EXPECT_FALSE(read(written, column));
    EXPECT_FALSE(column.find_entries());
    EXPECT_FALSE(column.decode());
  }
}

TEST(Column, PartsOfASplitAreDigits) {
  // Split "@-", whose part is a dictionary of two entries.
  Written written{.values = 2};
  written.streams.descriptors = std::string("\4\1-\0\1\2\4", 7);
  written.streams.numbers.bytes = "";
  for (const auto& [strings, good] :
       {std::pair<const char*, bool>{"7\0018\1", true}, {"7\1x\1", false}}) {
    written.streams.strings = strings;
    ColumnReader column;
    EXPECT_EQ(read(written, column), good) << strings;
  }
}

TEST(Column, EveryCutInputIsRefused) {
  const Written whole = write({"a1-2", "a3-40", "a5-6", "a7-80"});
  for (size_t cut = 0; cut < whole.streams.descriptors.size(); ++cut) {
    Written part = whole;
    part.streams.descriptors.resize(cut);
    ColumnReader column;
    EXPECT_FALSE(read(part, column)) << cut;
  }
  for (size_t cut = 0; cut < whole.streams.numbers.bytes.size(); ++cut) {
    Written part = whole;
    part.streams.numbers.bytes.resize(cut);
    ColumnReader column;
    EXPECT_FALSE(read(part, column)) << cut;
  }
}

}  // namespace
}  // namespace logfmt
