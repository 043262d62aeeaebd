#include "logd/intake/syslog_parser.h"

#include <gtest/gtest.h>

#include <chrono>

#include "logd/intake/claims.h"
#include "tests/intake/message_text.h"

namespace logd {
namespace {

using std::string_view_literals::operator""sv;

constexpr uint64_t kReceivedUs = 1'796'040'000'000'000;  // 2026-11-30T12:00:00Z

Message parse(std::string_view text, SyslogForm form = SyslogForm::kLocal) {
  Message message;
  parse_syslog(text, form, {.receive_time_us = kReceivedUs}, message);
  return message;
}

struct LocalCase {
  std::string_view text;
  int priority;
  int facility;
  std::optional<std::string_view> identifier;
  std::string_view fields;  // without SYSLOG_RAW
  bool raw;
};

// What journald 252 answers, or what docs/syslog.md says we do instead.
const LocalCase kLocalCases[] = {
    {"<13>Nov 22 05:42:46 id1: msg ts ident", 5, 1, "id1",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=msg ts ident|", false},
    {"<13>id2: no ts", 5, 1, "id2", "MESSAGE=no ts|", true},
    {"no pri id3: x", 5, 1, {}, "MESSAGE=no pri id3: x|", true},
    {"<13>Nov 22 05:42:46 id4[123]: with pid", 5, 1, "id4",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |SYSLOG_PID=123|MESSAGE=with pid|",
     false},
    {"<13>Nov 22 05:42:46 host id5[1]: with host",
     5,
     1,
     {},
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=host id5[1]: with host|",
     false},
    {"<13>  id6: leading ws ", 5, 1, "id6", "MESSAGE=leading ws|", true},
    {"<13>Nov 22 05:42:46 id7:nospace",
     5,
     1,
     {},
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=id7:nospace|",
     false},
    {"<13>Nov  2 05:42:46 id8:  two spaces trailing  \n", 5, 1, "id8",
     "SYSLOG_TIMESTAMP=Nov  2 05:42:46 |MESSAGE= two spaces trailing|", true},
    {"<13>Nov 22 05:42:46 id9: nul\0after"sv, 5, 1, "id9",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=nul\0after|"sv, true},
    {"<999>id11: big pri", 5, 1, "id11", "MESSAGE=big pri|", true},
    {"<191>Nov 22 05:42:46 id12: local7.debug", 7, 23, "id12",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=local7.debug|", false},
    {"<>id13: empty pri", 5, 1, {}, "MESSAGE=<>id13: empty pri|", true},
    {"<0>id14: kern emerg", 0, -1, "id14", "MESSAGE=kern emerg|", true},
    {"   ", 5, 1, {}, "MESSAGE=|", true},
    {"<13>Nov 22 05:42:46 id15[abc]: nonnum pid", 5, 1, "id15",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |SYSLOG_PID=abc|MESSAGE=nonnum pid|",
     false},
    {"<13>Nov 22 05:42:46 id16[12: no close", 5, 1, "id16[12",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=no close|", false},
    {"<13>Nov 22 05:42:46 [55]: only pid", 5, 1, "",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |SYSLOG_PID=55|MESSAGE=only pid|",
     false},
    {"<13>Nov 22 05:42:46 two words: x",
     5,
     1,
     {},
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=two words: x|",
     false},
    {"<13>Nov 22 05:42:46 id17: multi\nline", 5, 1, "id17",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=multi\nline|", false},
    {"<13>2024-01-01T00:00:00.123456+00:00 host id18: iso ts",
     5,
     1,
     {},
     "SYSLOG_TIMESTAMP=2024-01-01T00:00:00.123456+00:00 |"
     "MESSAGE=host id18: iso ts|",
     false},
    {"<13>Nov 22 05:42:46 id19:", 5, 1, "id19",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=|", false},
    {"<13>", 5, 1, {}, "MESSAGE=|", true},
    {"<13>\nid20: nl", 5, 1, "id20", "MESSAGE=nl|", true},
    {"<13>id21: caf\xc3\xa9 \xff", 5, 1, "id21", "MESSAGE=caf\xc3\xa9 \xff|",
     true},
    {"<12>text of SysLogHandler\0"sv,
     4,
     1,
     {},
     "MESSAGE=text of SysLogHandler|",
     true},
    {" <13>Nov 22 05:42:46 id22: x", 5, 1, "id22",
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE=x|", true},
    {"<13>Nov 22 05:42:46 {\"level\": \"info\"}",
     5,
     1,
     {},
     "SYSLOG_TIMESTAMP=Nov 22 05:42:46 |MESSAGE={\"level\": \"info\"}|",
     false},
    {"", 5, 1, {}, "MESSAGE=|", true},
};

TEST(SyslogParser, ReadsLocalMessagesAsJournaldDoes) {
  for (const auto& expected : kLocalCases) {
    SCOPED_TRACE(expected.text);
    Message message = parse(expected.text);
    EXPECT_EQ(message.priority, expected.priority);
    EXPECT_EQ(message.facility, expected.facility);
    EXPECT_EQ(message.identifier, expected.identifier);
    const auto raw = value_of(message, "SYSLOG_RAW");
    EXPECT_EQ(raw.has_value(), expected.raw);
    if (raw) {
      EXPECT_EQ(*raw, expected.text);
      message.fields.pop_back();
    }
    EXPECT_EQ(text_of(message), expected.fields);
  }
}

TEST(SyslogParser, KeepsTheOriginalOfNetworkTextOnlyWhereFieldsLackBytes) {
  const auto has_raw = [](std::string_view text) {
    return value_of(parse(text, SyslogForm::kNetwork), "SYSLOG_RAW") == text;
  };
  EXPECT_FALSE(has_raw("<13>Mar  6 16:57:54 h app[1]: x\n"));
  EXPECT_FALSE(has_raw("<13>no stamp and no tag"));
  EXPECT_FALSE(has_raw("<13>1 2026-01-01T00:00:00Z h a - - [x y=\"z\"] m\0"sv));
  EXPECT_TRUE(has_raw("<999>Mar  6 16:57:54 h app[1]: x"));
  EXPECT_TRUE(has_raw("<999>1 2026-01-01T00:00:00Z h a - - - m"));
  EXPECT_TRUE(has_raw("<13>29: *Mar  1 00:00:45: %LINK-3-UPDOWN: x"));
  EXPECT_TRUE(has_raw("<13>Mar  6 16:57:54 h  two blanks"));
  EXPECT_TRUE(has_raw("<13>Mar  6 16:57:54 Message forwarded from h: a: x"));
}

TEST(SyslogParser, DoesNotMistakeJsonForATag) {
  const auto message = parse("<13>{\"a\": 1}", SyslogForm::kNetwork);
  EXPECT_EQ(message.identifier, std::nullopt);
  EXPECT_EQ(text_of(message), "MESSAGE={\"a\": 1}|");
}

TEST(SyslogParser, ForgetsTheMessageBefore) {
  Message message;
  const SyslogContext context{.receive_time_us = kReceivedUs};
  parse_syslog("<11>Nov 22 05:42:46 a[1]: x", SyslogForm::kLocal, context,
               message);
  parse_syslog("y", SyslogForm::kNetwork, context, message);
  EXPECT_EQ(message.identifier, std::nullopt);
  EXPECT_EQ(message.stamp_us, std::nullopt);
  EXPECT_EQ(text_of(message), "MESSAGE=y|");
}

TEST(SyslogParser, TakesIdentifiersUpToTheLimitAndKeepsLongerOnesAsText) {
  for (const auto form : {SyslogForm::kLocal, SyslogForm::kNetwork}) {
    for (const size_t excess : {0u, 1u}) {
      const std::string name(kIdentifierBytesMax + excess, 'n');
      for (const std::string& text :
           {"<13>" + name + ": x", "<13>" + name + "[1]: x",
            "<13>Mar  1 00:00:00 " + name + ": x",
            "<13>1 - - " + name + " - - - x"}) {
        const auto message = parse(text, form);
        EXPECT_EQ(message.identifier.has_value(), excess == 0) << text;
        EXPECT_TRUE(keeps_every_letter(text, message));
      }
    }
  }
}

std::string repeated(std::string_view what, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += what;
  return out;
}

std::vector<std::string> hostile_texts(size_t scale) {
  const std::string run(scale, 'a');
  return {
      '<' + std::string(scale, '9') + ">x",
      std::string(scale, '<'),
      std::string(scale, ' '),
      "<13>" + std::string(scale, '\n') + "x",
      "<13>" + run + ": x",
      "<13>" + run + '[' + run + "]: x",
      "<13>" + std::string(scale, '[') + ": x",
      "<13>" + std::string(scale, '7') + ": x",
      "<13>Mar  1 00:00:00 " + run + ' ' + run + ": x",
      "<13>Mar  1 00:00:00 " + std::string(scale, ':') + " x",
      "<13>Mar  1 00:00:00 h " + std::string(scale, ':') + " x",
      "<13>Mar  1 00:00:00 h " + run + std::string(scale, '[') + "x",
      "<13>2026-01-01T00:00:00." + std::string(scale, '1') + "Z h a: x",
      "<13>1 - " + run + ' ' + run + ' ' + run + ' ' + run + " - x",
      "<13>1 - - - - - [" + run + ' ' + run + "=\"" + run + "\"] x",
      "<13>1 - - - - - " + repeated("[a]", scale / 4) + " x",
      "<13>1 - - - - - " + repeated("[a b=\"c\"]", scale / 8) + "[ x",
      "<13>1 - - - - - [a b=\"" + std::string(scale, '\\'),
      "<13>1 - - - - - [a" + repeated(" b=c", scale / 4) + "x",
      "<13>1 - - - - - [a b=" + std::string(scale, ' ') + "x",
  };
}

TEST(SyslogParser, KeepsAllTextOfHostileMessages) {
  for (const size_t scale : {0u, 1u, 255u, 256u, 4096u, 65536u, 262144u}) {
    for (const auto& text : hostile_texts(scale)) {
      for (const auto form : {SyslogForm::kLocal, SyslogForm::kNetwork}) {
        EXPECT_TRUE(keeps_every_letter(text, parse(text, form)))
            << text.substr(0, 60);
      }
    }
  }
}

// Quadratic behaviour would take minutes here.
TEST(SyslogParser, TakesLinearTime) {
  const auto start = std::chrono::steady_clock::now();
  for (const auto& text : hostile_texts(8 << 20)) {
    for (const auto form : {SyslogForm::kLocal, SyslogForm::kNetwork}) {
      EXPECT_TRUE(value_of(parse(text, form), "MESSAGE").has_value());
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1));
}

TEST(SyslogParser, ReadsAMillionStructuredDataElements) {
  const std::string data = repeated("[e@1 k=\"v\"]", 1'000'000);
  const std::string text = "<13>1 - h a - - " + data + " m";
  const auto message = parse(text);
  EXPECT_EQ(value_of(message, "SYSLOG_STRUCTURED_DATA"), data);
  EXPECT_EQ(value_of(message, "MESSAGE"), "m");
}

TEST(SyslogParser, KeepsAllByteValues) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  const std::string text = "<13>Nov 22 05:42:46 app: " + bytes;
  EXPECT_EQ(value_of(parse(text), "MESSAGE"), bytes);
  for (const char c : bytes) {
    const std::string one(3, c);
    EXPECT_TRUE(keeps_every_letter(one, parse(one, SyslogForm::kNetwork)));
  }
}

}  // namespace
}  // namespace logd
