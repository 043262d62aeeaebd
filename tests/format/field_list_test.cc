#include "format/field_list.h"

#include <gmock/gmock.h>

#include <vector>

#include "tests/format/testing/entry_samples.h"

namespace logfmt {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Field> all(const FieldList& list) {
  std::vector<Field> found;
  for (const Field& field : list) found.push_back(field);
  return found;
}

TEST(FieldList, KeepsOrderRepetitionAndAnyByte) {
  const std::string odd("\0\x01=\n\xff", 5);
  const std::string list =
      testing::fields({{"B", odd}, {"MESSAGE", "m"}, {"A", ""}, {"B", "2"}});
  EXPECT_THAT(all(FieldList(list)),
              ElementsAre(Field{"B", odd}, Field{"MESSAGE", "m"},
                          Field{"A", ""}, Field{"B", "2"}));
  EXPECT_TRUE(FieldList(list).well_formed());
}

TEST(FieldList, NameOfMessageCostsOneByte) {
  EXPECT_EQ(testing::fields({{"MESSAGE", "hi"}}), std::string("\0\2hi", 4));
}

TEST(FieldList, FindsTheFirstValue) {
  const std::string list = testing::fields({{"A", "1"}, {"A", "2"}});
  EXPECT_EQ(FieldList(list).find("A"), "1");
  EXPECT_EQ(FieldList(list).find("MESSAGE"), std::nullopt);
}

TEST(FieldList, EmptyListHasNoFields) {
  EXPECT_THAT(all(FieldList()), IsEmpty());
  EXPECT_TRUE(FieldList().well_formed());
}

// Cut anywhere: the fields before the cut are read, nothing else is.
TEST(FieldList, MalformedTailEndsTheIteration) {
  const std::string whole =
      testing::fields({{"MESSAGE", "one"}, {"NAME", "two"}});
  const size_t first = testing::fields({{"MESSAGE", "one"}}).size();
  for (size_t length = 1; length < whole.size(); ++length) {
    const std::string cut = whole.substr(0, length);
    EXPECT_EQ(all(FieldList(cut)).size(), length < first ? 0u : 1u) << length;
    EXPECT_EQ(FieldList(cut).well_formed(), length == first) << length;
  }
}

TEST(FieldList, HoldsManyAndLargeFields) {
  testing::Pairs pairs;
  for (int i = 0; i < 1024; ++i) {
    pairs.emplace_back("FIELD_" + std::to_string(i), std::to_string(i));
  }
  pairs.emplace_back("LARGE", std::string(768 << 10, '\0'));
  const std::string list = testing::fields(pairs);
  const auto found = all(FieldList(list));
  ASSERT_EQ(found.size(), pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_EQ(found[i].name, pairs[i].first);
    EXPECT_EQ(found[i].value, pairs[i].second);
  }
}

}  // namespace
}  // namespace logfmt
