// Printers keep what they made of the entries before. Nobody may see that: a
// printer that has printed other entries prints the next one as a new printer
// would.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "tests/query/made_entry.h"

namespace logq {
namespace {

using std::string_literals::operator""s;

// All but short-delta, which shows the time since the entry before.
constexpr auto kFormats = std::to_array<OutputFormat>(
    {OutputFormat::kShort, OutputFormat::kShortPrecise,
     OutputFormat::kShortIsoPrecise, OutputFormat::kShortUnix,
     OutputFormat::kShortMonotonic, OutputFormat::kWithUnit,
     OutputFormat::kVerbose, OutputFormat::kExport, OutputFormat::kJson,
     OutputFormat::kJsonPretty, OutputFormat::kJsonSse, OutputFormat::kCat});

MadeEntry from(std::string_view identifier, uint32_t pid) {
  MadeEntry entry;
  entry.priority(6).pid(pid).payload("MESSAGE", "hello");
  return entry.context("SYSLOG_IDENTIFIER", identifier);
}

// What a cache could mix up: each entry differs from the one before in a part.
std::vector<MadeEntry> entries() {
  return {
      from("a", 7),
      from("a", 7),
      from("a", 8),
      from("a", 0),
      from("a", 0).payload("SYSLOG_PID", "9"),
      from("a", 0),
      from("a", 7).payload("SYSLOG_IDENTIFIER", "claimed"),
      from("a", 7),
      from("b", 7),
      from("a", 7),
      from("a", 7).context("_TRANSPORT", "syslog"),
      from("a", 7).context("_TRANSPORT", "syslog").at(5'000'001, 7),
      from("a", 7).context("_TRANSPORT", "stdout"),
      from("a", 7).context("TWICE", "1").context("TWICE", "2"),
      from("a", 7).context("BOTH", "1").payload("BOTH", "2"),
      from("a", 7).context("BOTH", "1"),
      from("a", 7).payload("PRIORITY", "9"),
      from("a", 7).payload("MESSAGE", "second"),
      from("a", 7).context("_EXE", "/bin/\xff\n"),
      from("a", 7).payload("RAW", "\0\x1b\xff"s),
      from("", 7).context("_COMM", "sh").payload("SYSLOG_IDENTIFIER", "x"),
      from("", 8).context("_COMM", "sh"),
      from("\xff", 8).context("_COMM", "sh"),
      from("\xff", 8).context("_COMM", "sh").payload("SYSLOG_IDENTIFIER", "x"),
      from("a", 7).priority(logfmt::kNoPriority),
      from("a", 7).boot("00000000000000000000000000000002"),
      from("a", 7).context("_SYSTEMD_UNIT", "a.service"),
      from("a", 7).payload("_SYSTEMD_UNIT", "forged.service"),
  };
}

void expect_as_if_alone(OutputOptions options, std::vector<MadeEntry> made) {
  options.utc = true;
  const auto printer = make_printer(options);
  // Back and forth, so that each entry comes after both of its neighbours.
  for (int pass = 0; pass < 2; ++pass) {
    for (MadeEntry& entry : made) {
      std::string out;
      printer->print(entry.record(), out);
      ASSERT_EQ(out, printed(entry, options))
          << "format " << static_cast<int>(options.format);
    }
    std::reverse(made.begin(), made.end());
  }
}

TEST(Printers, PrintEachEntryAsIfItWereAlone) {
  for (const OutputFormat format : kFormats) {
    expect_as_if_alone({.format = format}, entries());
    expect_as_if_alone({.format = format, .text = {.all = true}}, entries());
    expect_as_if_alone(
        {.format = format, .text = {.terminal = true, .color = true}},
        entries());
    expect_as_if_alone({.format = format, .fields = {"BOTH", "_PID"}},
                       entries());
  }
}

TEST(Printers, ServeMoreContextsThanTheyKeep) {
  std::vector<MadeEntry> many;
  for (uint32_t i = 0; i < 1000; ++i)
    many.push_back(from(std::to_string(i), i));
  for (const OutputFormat format : kFormats) {
    expect_as_if_alone({.format = format}, many);
  }
}

// A reader reuses its buffers: another context of the same length comes at the
// same address, and the same context at another one.
TEST(Printers, TellContextsApartByTheirBytes) {
  for (const OutputFormat format : kFormats) {
    const OutputOptions options = {.format = format, .utc = true};
    const auto printer = make_printer(options);
    std::string payload;
    logfmt::append_field(payload, "MESSAGE", "x");
    std::string context;
    logfmt::append_field(context, "SYSLOG_IDENTIFIER", "one");
    const auto print_with = [&](Printer& by, const std::string& bytes) {
      logfmt::EntryView entry;
      entry.pid = 1;
      entry.context = logfmt::FieldList(bytes);
      entry.payload = logfmt::FieldList(payload);
      std::string out;
      by.print({entry, {}}, out);
      return out;
    };
    const std::string one = print_with(*printer, context);
    const std::string elsewhere = context;
    context.replace(context.find("one"), 3, "two");
    EXPECT_EQ(print_with(*printer, context),
              print_with(*make_printer(options), context));
    EXPECT_EQ(print_with(*printer, elsewhere), one);
  }
}

}  // namespace
}  // namespace logq
