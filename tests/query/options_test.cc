#include "query/options.h"

#include <gtest/gtest.h>

#include "query/time_zone.h"
#include "tests/query/made_environment.h"

namespace logq {
namespace {

using Words = std::vector<std::string>;

constexpr uint64_t kNowUs = 1795326238'000000;
constexpr uint64_t kHourUs = 3600'000000;

logfmt::Result<Options> parsed(const Words& words,
                               const MadeEnvironment& made = {}) {
  return parse_options(words, made.environment());
}

Options options_of(const Words& words, const MadeEnvironment& made = {}) {
  auto options = parsed(words, made);
  EXPECT_TRUE(options) << options.error().detail;
  return options ? *options : Options{};
}

std::string error_of(const Words& words) {
  const auto options = parsed(words);
  EXPECT_FALSE(options);
  return options ? "" : options.error().detail;
}

TEST(Options, ShowEverythingByDefault) {
  const Options options = options_of({});
  EXPECT_EQ(options.action, Action::kShow);
  EXPECT_FALSE(options.query.limit);
  EXPECT_FALSE(options.query.boot);
  EXPECT_EQ(options.query.priority_mask, kAnyPriorityMask);
  EXPECT_EQ(options.query.until_us, UINT64_MAX);
  EXPECT_EQ(options.directories, Words{"/var/log/logd"});
}

TEST(Options, UnitsAndIdentifiersCanBeExcluded) {
  const Query query =
      options_of({"-u", "bot", "-u!cron", "--unit=x*", "-t", "a", "-t", "!b"})
          .query;
  EXPECT_EQ(query.units.include, (Words{"bot.service", "x*"}));
  EXPECT_EQ(query.units.exclude, Words{"cron.service"});
  EXPECT_EQ(query.identifiers.include, Words{"a"});
  EXPECT_EQ(query.identifiers.exclude, Words{"b"});
}

TEST(Options, TakeAnOptionalCountOfLines) {
  struct Case {
    Words words;
    std::optional<uint64_t> limit;
    size_t terms;
  };
  for (const auto& [words, limit, terms] :
       std::vector<Case>{{{"-n"}, 10, 0},
                         {{"-n5"}, 5, 0},
                         {{"-n", "5"}, 5, 0},
                         {{"--lines"}, 10, 0},
                         {{"--lines", "5"}, 5, 0},
                         {{"--lines=5"}, 5, 0},
                         {{"-n", "A=1"}, 10, 1},
                         {{"-n", "-u", "bot"}, 10, 0},
                         {{"-n", "all"}, std::nullopt, 0},
                         {{"-n0"}, 0, 0},
                         {{"-qn", "7"}, 7, 0},
                         {{"-qn7", "A=1"}, 7, 1},
                         {{"-fn7"}, 7, 0}}) {
    const Query query = options_of(words).query;
    EXPECT_EQ(query.limit, limit) << testing::PrintToString(words);
    EXPECT_EQ(query.groups.size(), terms) << testing::PrintToString(words);
  }
  EXPECT_TRUE(options_of({"-n", "+3"}).query.from_oldest);
}

TEST(Options, TakeAnOptionalBoot) {
  EXPECT_EQ(options_of({"-b"}).query.boot->offset, 0);
  EXPECT_EQ(options_of({"-b", "-1"}).query.boot->offset, -1);
  EXPECT_EQ(options_of({"-b-1"}).query.boot->offset, -1);
  EXPECT_EQ(options_of({"--boot=-1"}).query.boot->offset, -1);
  EXPECT_EQ(options_of({"--boot", "2"}).query.boot->offset, 2);
  EXPECT_EQ(options_of({"-b", "A=1"}).query.groups.size(), 1u);
  EXPECT_FALSE(options_of({"-b", "all"}).query.boot);
  EXPECT_EQ(options_of({"-rb", "-u", "x"}).query.boot->offset, 0);
}

TEST(Options, KernelMessagesAreOfThisBootUnlessTold) {
  EXPECT_TRUE(options_of({"-k"}).query.kernel_only);
  EXPECT_EQ(options_of({"-k"}).query.boot->offset, 0);
  EXPECT_EQ(options_of({"-kb", "-1"}).query.boot->offset, -1);
  EXPECT_FALSE(options_of({"-k", "-b", "all"}).query.boot);
}

TEST(Options, FollowBeginsWithTenLines) {
  EXPECT_EQ(options_of({"-f"}).query.limit, 10u);
  EXPECT_TRUE(options_of({"-f"}).follow);
  EXPECT_FALSE(options_of({"-f"}).query.boot);
  EXPECT_EQ(options_of({"-f", "-n0"}).query.limit, 0u);
  EXPECT_FALSE(options_of({"-f", "--no-tail"}).query.limit);
  EXPECT_FALSE(options_of({"-f", "--since", "today"}).query.limit);
  EXPECT_TRUE(options_of({"-f"}).pager.follow);
}

TEST(Options, TimesAreCountedFromNow) {
  const Query query = options_of({"-S", "-1h", "--until=10 min ago"}).query;
  EXPECT_EQ(query.since_us, kNowUs - kHourUs);
  EXPECT_EQ(query.until_us, kNowUs - kHourUs / 6);
  EXPECT_EQ(options_of({"--since", "-1h"}).query.since_us, kNowUs - kHourUs);
}

TEST(Options, TimesAreReadInTheZoneTheyArePrintedIn) {
  EXPECT_EQ(options_of({"--tz=Asia/Tokyo", "-S2026-11-22"}).query.since_us,
            1795273200'000000u);
  EXPECT_EQ(options_of({"--tz=Asia/Tokyo"}).time_zone, "Asia/Tokyo");
  ASSERT_TRUE(set_process_zone("Asia/Tokyo"));
  EXPECT_EQ(options_of({"--utc", "-S", "2026-11-22"}).query.since_us,
            1795305600'000000u);
  ASSERT_TRUE(set_process_zone("UTC"));
}

TEST(Options, PatternsArePassedOnAsTheyAre) {
  const Query query =
      options_of({"-g", "[ab]", "--grep=-x", "-v", "{c}", "-g", ""}).query;
  EXPECT_EQ(query.text.include, (Words{"[ab]", "-x", ""}));
  EXPECT_EQ(query.text.exclude, Words{"{c}"});
  EXPECT_FALSE(query.text.case_sensitive);
  EXPECT_EQ(options_of({"--case-sensitive"}).query.text.case_sensitive, true);
  EXPECT_EQ(options_of({"--case-sensitive=no"}).query.text.case_sensitive,
            false);
}

TEST(Options, GrepWithACountShowsTheNewestFirst) {
  EXPECT_TRUE(options_of({"-g", "x", "-n1"}).query.reverse);
  EXPECT_FALSE(options_of({"-g", "x"}).query.reverse);
  EXPECT_FALSE(options_of({"-g", "x", "-n", "+1"}).query.reverse);
  EXPECT_FALSE(options_of({"-g", "x", "-n1", "-f"}).query.reverse);
  EXPECT_FALSE(options_of({"-g", "x", "-n", "all"}).query.reverse);
  EXPECT_TRUE(options_of({"-r"}).query.reverse);
}

TEST(Options, TermsMayStandAnywhere) {
  const Query query =
      options_of({"A=1", "-q", "B=2", "-u", "bot", "+", "C!=3"}).query;
  ASSERT_EQ(query.groups.size(), 2u);
  EXPECT_EQ(query.groups[0].size(), 2u);
  EXPECT_TRUE(query.groups[1][0].negated);
  EXPECT_EQ(options_of({"--", "A=1"}).query.groups.size(), 1u);
}

TEST(Options, GivenAgainTheyReplaceWhatWasSaid) {
  EXPECT_EQ(
      options_of({"-o", "json", "-q", "-o", "cat", "-q"}).listing.output.format,
      OutputFormat::kCat);
  EXPECT_EQ(options_of({"-n5", "-n6", "-p3", "-p", "0"}).query.limit, 6u);
}

TEST(Options, CursorsSayWhereToBegin) {
  const std::string cursor = "s=0412531b4934402dbcc1c6d7dc184c52;i=1f";
  EXPECT_EQ(options_of({"-c", cursor}).cursor->seq, 0x1fu);
  EXPECT_FALSE(options_of({"-c", cursor}).after_cursor);
  EXPECT_TRUE(options_of({"--after-cursor", cursor}).after_cursor);
  const Options file = options_of({"--cursor-file=/c"});
  EXPECT_EQ(file.cursor_file, "/c");
  EXPECT_TRUE(file.listing.keep_cursor);
  EXPECT_TRUE(options_of({"--show-cursor"}).listing.show_cursor);
  EXPECT_NE(error_of({"-c", cursor, "-S", "1h"}).find("only one of"),
            std::string::npos);
}

TEST(Options, PagerEndIsThisBootsLastThousand) {
  const Options options = options_of({"-e"});
  EXPECT_EQ(options.query.limit, 1000u);
  EXPECT_TRUE(options.query.boot);
  EXPECT_TRUE(options.pager.at_end);
  EXPECT_EQ(options_of({"-e", "-n5"}).query.limit, 5u);
}

TEST(Options, OutputIsDescribed) {
  const Options options =
      options_of({"-o", "json-seq", "--output-fields=A,_B", "-a",
                  "--no-hostname", "--utc", "-q", "--no-pager"});
  EXPECT_EQ(options.listing.output.format, OutputFormat::kJsonSeq);
  EXPECT_EQ(options.listing.output.fields, (Words{"A", "_B"}));
  EXPECT_TRUE(options.listing.output.text.all);
  EXPECT_TRUE(options.listing.output.utc);
  EXPECT_FALSE(options.listing.output.hostname);
  EXPECT_TRUE(options.listing.quiet);
  EXPECT_TRUE(options.pager.disabled);
}

TEST(Options, ColorIsForTerminals) {
  const auto has_color = [](const Words& words, const MadeEnvironment& made) {
    return options_of(words, made).listing.output.text.color;
  };
  const MadeEnvironment terminal = {.terminal = true};
  EXPECT_TRUE(has_color({}, terminal));
  EXPECT_FALSE(has_color({}, {}));
  EXPECT_FALSE(
      has_color({}, {.variables = {{"NO_COLOR", "1"}}, .terminal = true}));
  EXPECT_FALSE(
      has_color({}, {.variables = {{"TERM", "dumb"}}, .terminal = true}));
  EXPECT_FALSE(has_color({"--color=never"}, terminal));
  EXPECT_TRUE(
      has_color({"--color=always"}, {.variables = {{"NO_COLOR", "1"}}}));
  EXPECT_TRUE(options_of({}, terminal).listing.output.text.terminal);
}

TEST(Options, SourcesReplaceTheDefault) {
  EXPECT_EQ(options_of({"-D", "/a", "-D/b"}).directories, (Words{"/a", "/b"}));
}

TEST(Options, ActionsReplaceTheListing) {
  EXPECT_EQ(options_of({"-F", "_UID"}).field, "_UID");
  EXPECT_EQ(options_of({"-F", "_UID"}).action, Action::kFieldValues);
  EXPECT_EQ(options_of({"-N"}).action, Action::kFieldNames);
  EXPECT_EQ(options_of({"--disk-usage"}).action, Action::kDiskUsage);
  EXPECT_EQ(options_of({"--list-boots"}).action, Action::kListBoots);
}

TEST(Options, HelpIsATextToPrint) {
  for (const auto& [words, part] : std::vector<std::pair<Words, std::string>>{
           {{"--help"}, "--since"},
           {{"-h"}, "--since"},
           {{"--version"}, "logq 0."},
           {{"-o", "help"}, "short-precise\n"},
           {{"--facility=help"}, "local7\n"}}) {
    const Options options = options_of(words);
    EXPECT_EQ(options.action, Action::kPrintText);
    EXPECT_NE(options.text.find(part), std::string::npos) << words.front();
  }
}

TEST(Options, ErrorsNameTheOptionAndSuggest) {
  struct Case {
    Words words;
    std::string part;
  };
  for (const auto& [words, part] : std::vector<Case>{
           {{"--untl", "1h"}, "unknown option --untl; did you mean --until?"},
           {{"--reverze=1"}, "did you mean --reverse?"},
           {{"-Z"}, "unknown option -Z; --help lists"},
           {{"-p", "wrning"}, "--priority: unknown priority \"wrning\"; did"},
           {{"-o", "shrt"}, "did you mean \"short\"?"},
           {{"-n", "x"}, "cannot read \"x\"; expected FIELD=VALUE"},
           {{"-nx"}, "--lines: cannot read the number of lines \"x\""},
           {{"-S", "yestrday"}, "--since: cannot read \"yestrday\""},
           {{"-S", "1h", "-U", "2h"}, "--since must be before --until"},
           {{"-b", "x"}, "cannot read \"x\""},
           {{"--boot=x"}, "--boot: cannot read the boot \"x\""},
           {{"--tz", "Mars/Base"}, "--tz: no time zone \"Mars/Base\""},
           {{"--color=maybe"}, "expected auto, always or never"},
           {{"-f", "-r"}, "exclude each other"},
           {{"-f", "-n+5"}, "--lines=+N"},
           {{"-u", ""}, "--unit"},
           {{"-F", "lower"}, "--field"},
           {{"-F", "A", "-N"}, "--field cannot be combined with --fields"},
           {{"--output-fields=A,b"}, "--output-fields"},
           {{"--case-sensitive=maybe"}, "expected yes or no"},
           {{"-S"}, "--since: the value is missing"},
           {{"foo"}, "expected FIELD=VALUE"}}) {
    const std::string error = error_of(words);
    EXPECT_NE(error.find(part), std::string::npos)
        << testing::PrintToString(words) << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
  EXPECT_FALSE(parsed({"-g", std::string(1 << 20, 'x')}));
}

}  // namespace
}  // namespace logq
