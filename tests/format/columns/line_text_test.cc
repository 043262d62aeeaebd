#include "format/columns/line_text.h"

#include <gtest/gtest.h>

namespace logfmt {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string payload_of(const Fields& fields) {
  std::string payload;
  for (const auto& [name, value] : fields) append_field(payload, name, value);
  return payload;
}

std::string text_of(const Fields& fields) {
  std::string text;
  append_line_text(FieldList(payload_of(fields)), text);
  return text;
}

TEST(LineText, MessageStandsWithoutItsName) {
  EXPECT_EQ(text_of({{"MESSAGE", "hi"}}), "hi\x02");
  EXPECT_EQ(text_of({{"CODE", "7"}, {"MESSAGE", "oops"}}),
            "CODE\x03"
            "7\x02oops\x02");
}

TEST(LineText, GivesBackAnyFields) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
  for (const Fields& fields : std::vector<Fields>{
           {},
           {{"MESSAGE", ""}},
           {{"MESSAGE", all_bytes}},
           {{all_bytes.substr(0, 64), all_bytes}, {"MESSAGE", "a"}},
           {{"MESSAGE", "one"}, {"MESSAGE", "two"}, {"A", ""}, {"A", ""}},
           {{"MESSAGE", std::string(5, '\4')}, {"X", std::string(5, '\2')}}}) {
    const std::string payload = payload_of(fields);
    std::string back;
    EXPECT_TRUE(append_payload(text_of(fields), back));
    EXPECT_EQ(back, payload);
  }
}

TEST(LineText, RefusesWhatIsNoText) {
  for (const std::string_view text :
       {"no end", "a\x02rest", "\x04\x02", "\x04\x50\x02", "a\x04"}) {
    std::string payload;
    EXPECT_FALSE(append_payload(text, payload)) << text;
  }
}

}  // namespace
}  // namespace logfmt
