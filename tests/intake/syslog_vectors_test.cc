// Replays tests/testdata/syslog_vectors.jsonl. In its strings one character is
// one byte; "{fill}" stands for a run of one character, fill = [it, how often].
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "logd/intake/syslog_parser.h"
#include "tests/intake/message_text.h"

namespace logd {
namespace {

using nlohmann::json;

constexpr uint64_t kReceivedUs = 1'796'040'000'000'000;  // 2026-11-30T12:00:00Z

class Vector {
 public:
  explicit Vector(const std::string& line) : json_(json::parse(line)) {}

  std::optional<std::string> bytes(const char* key) const {
    if (!json_.contains(key)) return std::nullopt;
    std::string out = to_bytes(json_[key].get<std::string>());
    if (!json_.contains("fill")) return out;
    const std::string run(json_["fill"][1].get<size_t>(),
                          json_["fill"][0].get<std::string>()[0]);
    for (size_t at; (at = out.find("{fill}")) != std::string::npos;) {
      out.replace(at, 6, run);
    }
    return out;
  }
  std::optional<uint64_t> number(const char* key) const {
    if (!json_.contains(key)) return std::nullopt;
    return json_[key].get<uint64_t>();
  }
  std::string id() const { return json_["id"]; }
  SyslogForm form() const {
    return json_["form"] == "local" ? SyslogForm::kLocal : SyslogForm::kNetwork;
  }

 private:
  // The strings hold no code point above U+00FF: at most two UTF-8 bytes each.
  static std::string to_bytes(const std::string& utf8) {
    std::string out;
    for (size_t i = 0; i < utf8.size(); ++i) {
      const auto c = static_cast<unsigned char>(utf8[i]);
      if (c < 0x80) {
        out += utf8[i];
      } else {
        const auto next = static_cast<unsigned char>(utf8[++i]);
        out += static_cast<char>((c & 0x03) << 6 | (next & 0x3F));
      }
    }
    return out;
  }

  json json_;
};

std::vector<Vector> read_vectors() {
  std::ifstream file(LOGD_TESTDATA_DIR "/syslog_vectors.jsonl");
  std::vector<Vector> out;
  for (std::string line; std::getline(file, line);) out.emplace_back(line);
  return out;
}

void check(const Vector& vector) {
  SCOPED_TRACE(vector.id());
  const std::string text = *vector.bytes("text");
  Message message;
  parse_syslog(
      text, vector.form(),
      {.receive_time_us = vector.number("received_us").value_or(kReceivedUs)},
      message);
  EXPECT_EQ(message.priority, *vector.number("priority"));
  EXPECT_EQ(message.facility, static_cast<int>(*vector.number("facility")));
  EXPECT_EQ(message.stamp_us, vector.number("time_us"));
  EXPECT_EQ(message.identifier, vector.bytes("identifier"));
  EXPECT_EQ(value_of(message, "MESSAGE"), vector.bytes("message"));
  EXPECT_EQ(value_of(message, "SYSLOG_PID"), vector.bytes("pid"));
  EXPECT_EQ(value_of(message, "SYSLOG_HOSTNAME"), vector.bytes("host"));
  EXPECT_EQ(value_of(message, "SYSLOG_MSGID"), vector.bytes("msgid"));
  EXPECT_EQ(value_of(message, "SYSLOG_STRUCTURED_DATA"), vector.bytes("sd"));
}

TEST(SyslogVectors, AreReadAsAgreedOrAsDecided) {
  const auto vectors = read_vectors();
  ASSERT_EQ(vectors.size(), 233u);
  for (const auto& vector : vectors) check(vector);
}

// Parsers of other daemons read beyond a message that ends too early.
TEST(SyslogVectors, SurviveACutAtEveryByte) {
  Message message;
  for (const auto& vector : read_vectors()) {
    std::string text = *vector.bytes("text");
    if (text.size() > 4096) continue;
    while (!text.empty()) {
      text.pop_back();
      // A copy of its own, so that the sanitizer sees where it ends.
      const std::vector<char> exact(text.begin(), text.end());
      const std::string_view cut(exact.data(), exact.size());
      for (const auto form : {SyslogForm::kLocal, SyslogForm::kNetwork}) {
        parse_syslog(cut, form, {.receive_time_us = kReceivedUs}, message);
        ASSERT_TRUE(keeps_every_letter(cut, message)) << vector.id() << cut;
      }
    }
  }
}

}  // namespace
}  // namespace logd
