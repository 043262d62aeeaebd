// CLI11 does the reading. Options whose value is optional (-n, -b) follow
// journalctl's rule, which no library knows: the next word is the value if it
// looks like one. So they are rewritten to --name=value beforehand.

#include "query/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <span>
#include <string_view>

#include "query/option_values.h"
#include "query/suggestion.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;

constexpr size_t kArgumentBytesMax = 64 << 10;

struct OptionalValue {
  char letter;
  std::string_view name;
  std::string_view without;  // the value when there is none
  bool (*looks_like_value)(std::string_view);
};
constexpr OptionalValue kOptionalValues[] = {
    {'n', "--lines", "10", looks_like_lines},
    {'b', "--boot", "0", looks_like_boot},
    {'\0', "--case-sensitive", "yes", [](std::string_view) { return false; }},
};
// Letters that stand before others in one word: -fn5, -rkb.
constexpr std::string_view kFlagLetters = "fkraqeN";

class ArgumentRewriter {
 public:
  explicit ArgumentRewriter(std::span<const std::string> given)
      : given_(given) {}

  std::vector<std::string> rewrite();

 private:
  void rewrite_letters(std::string_view word);
  bool rewrite_name(std::string_view word);
  void add_optional(const OptionalValue& option, std::string_view attached);

  std::span<const std::string> given_;
  std::vector<std::string> words_;
};

std::vector<std::string> ArgumentRewriter::rewrite() {
  while (!given_.empty()) {
    const std::string_view word = given_.front();
    given_ = given_.subspan(1);
    if (word == "--") {
      words_.emplace_back(word);
      words_.insert(words_.end(), given_.begin(), given_.end());
      break;
    }
    if (word.size() > 1 && word[0] == '-' && word[1] != '-') {
      rewrite_letters(word.substr(1));
    } else if (!rewrite_name(word)) {
      words_.emplace_back(word);
    }
  }
  return std::move(words_);
}

void ArgumentRewriter::rewrite_letters(std::string_view letters) {
  while (!letters.empty()) {
    const char letter = letters.front();
    for (const OptionalValue& option : kOptionalValues) {
      if (letter == option.letter) {
        add_optional(option, letters.substr(1));
        return;
      }
    }
    if (kFlagLetters.find(letter) == kFlagLetters.npos) break;
    words_.push_back({'-', letter});
    letters.remove_prefix(1);
  }
  if (letters.empty()) return;
  // An option with a value of its own: the rest of the word, or the next one,
  // which is the value whatever it looks like (-S -1h).
  words_.push_back('-' + std::string(letters));
  const bool takes_next = letters.size() == 1;
  if (takes_next && letters.front() != 'h' && !given_.empty()) {
    words_.push_back(given_.front());
    given_ = given_.subspan(1);
  }
}

bool ArgumentRewriter::rewrite_name(std::string_view word) {
  for (const OptionalValue& option : kOptionalValues) {
    if (word == option.name) {
      add_optional(option, "");
      return true;
    }
  }
  return false;
}

void ArgumentRewriter::add_optional(const OptionalValue& option,
                                    std::string_view attached) {
  std::string_view value = attached;
  if (attached.empty()) {
    value = option.without;
    if (!given_.empty() && option.looks_like_value(given_.front())) {
      value = given_.front();
      given_ = given_.subspan(1);
    }
  }
  words_.push_back(std::string(option.name) + "=" + std::string(value));
}

struct ValueOption {
  const char* names;
  const char* value_name;
  const char* description;
};

// Given again, it replaces what was said before, so that an alias can be
// overruled.
template <class Text>
void add(CLI::App& app, const ValueOption& option, Text& text) {
  app.add_option(option.names, text, option.description)
      ->type_name(option.value_name)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

// One value for each time the option is given, never the words behind it.
void add_repeatable(CLI::App& app, const ValueOption& option,
                    std::vector<std::string>& values) {
  app.add_option(option.names, values, option.description)
      ->type_name(option.value_name)
      ->allow_extra_args(false);
}

void add_selection(CLI::App& app, CommandLine& line) {
  add_repeatable(app,
                 {"-u,--unit", "NAME",
                  "Entries of a unit; globs, repeatable, !NAME excludes"},
                 line.units);
  add_repeatable(
      app,
      {"-t,--identifier", "NAME", "Entries of a syslog identifier; likewise"},
      line.identifiers);
  add(app,
      {"-p,--priority", "LEVEL", "That priority and worse, or a range A..B"},
      line.priority);
  add_repeatable(app,
                 {"--facility", "LIST",
                  "Syslog facilities, by name or number; \"help\" lists them"},
                 line.facilities);
  add(app, {"-S,--since", "TIME", "Not older than that time"}, line.since);
  add(app, {"-U,--until", "TIME", "Not newer than that time"}, line.until);
  add(app,
      {"-b,--boot", "[BOOT]",
       "One boot: an id, 0 the newest, -1 the one before, 1 the "
       "oldest; 0 without a value"},
      line.boot);
  app.add_flag("-k,--dmesg", line.kernel, "Kernel messages of this boot");
  add_repeatable(app,
                 {"-g,--grep", "RE",
                  "MESSAGE matches the regular expression; repeatable (or)"},
                 line.greps);
  add_repeatable(app, {"-v,--invert-grep", "RE", "MESSAGE does not match"},
                 line.inverted_greps);
  add(app,
      {"--case-sensitive", "[BOOL]",
       "yes or no, instead of yes only for patterns with capitals"},
      line.case_sensitive);
  add(app, {"-c,--cursor", "CURSOR", "Begin with that entry"}, line.cursor);
  add(app, {"--after-cursor", "CURSOR", "Begin after that entry"},
      line.after_cursor);
  add(app,
      {"--cursor-file", "FILE",
       "Begin after the cursor in FILE, leave the last one there"},
      line.cursor_file);
  app.add_option(
      "terms", line.terms,
      "FIELD=VALUE, FIELD!=VALUE; \"+\" between groups is \"or\". Or "
      "dump FILE: explain a file of a store");
}

void add_sources(CLI::App& app, CommandLine& line) {
  add_repeatable(app, {"-D,--directory", "DIR", "Read that store; repeatable"},
                 line.directories);
}

void add_output(CLI::App& app, CommandLine& line) {
  add(app,
      {"-n,--lines", "[N]",
       "The newest N entries, +N the oldest, or all; 10 without a "
       "value"},
      line.lines);
  app.add_flag("-f,--follow", line.follow, "Go on with new entries");
  app.add_flag("--no-tail", line.no_tail, "With -f: all entries first");
  app.add_flag("-r,--reverse", line.reverse, "Newest first");
  add(app, {"-o,--output", "FORMAT", "The format; \"help\" lists them"},
      line.output);
  add(app,
      {"--output-fields", "LIST", "Only these fields, separated by commas"},
      line.output_fields);
  app.add_flag("--utc", line.utc, "Times in UTC");
  add(app, {"--tz", "ZONE", "Times in that zone (Europe/Rome)"},
      line.time_zone);
  app.add_flag("--no-hostname", line.no_hostname, "Leave out the host");
  app.add_flag("-a,--all", line.all, "Show long and unprintable fields too");
  app.add_flag("-q,--quiet", line.quiet, "Entries only, no remarks");
  app.add_flag("--show-cursor", line.show_cursor,
               "The cursor of the last entry at the end");
  app.add_flag("-e,--pager-end", line.pager_end, "Begin at the end");
  app.add_flag("--no-pager", line.no_pager, "Write straight to the terminal");
  add(app, {"--color", "WHEN", "auto, always or never"}, line.color);
}

void add_actions(CLI::App& app, CommandLine& line) {
  add(app, {"-F,--field", "FIELD", "All values of that field"}, line.field);
  app.add_flag("-N,--fields", line.field_names, "All names of fields");
  app.add_flag("--disk-usage", line.disk_usage, "Size of the store");
  app.add_flag("--list-boots", line.list_boots, "The boots, with their times");
  app.add_flag("--version", line.version, "The version");
}

void add_care(CLI::App& app, CommandLine& line) {
  app.add_flag("--sync", line.sync,
               "Return when all that was sent is on the disk");
  app.add_flag("--rotate", line.rotate,
               "Have everything so far made into a sealed segment");
  app.add_flag("--flush", line.flush,
               "Return when all that was stored is on the disk");
  add(app,
      {"--vacuum-size", "SIZE",
       "Remove the oldest entries until the store takes no more (50M)"},
      line.vacuum_size);
  add(app, {"--vacuum-time", "SPAN", "Remove entries older than that (2weeks)"},
      line.vacuum_time);
  add(app, {"--vacuum-files", "N", "Remove the oldest segments but N"},
      line.vacuum_files);
  app.add_flag("--delete", line.erase,
               "Remove the selected entries for good; asks first");
  app.add_flag("--yes", line.yes, "Do not ask");
  app.add_flag("--verify", line.verify, "Check every byte of the store");
  app.add_flag("--repair", line.repair,
               "Mend what verify finds, as far as it can be");
  app.add_flag("--header", line.file_headers, "What each file says of itself");
  add(app,
      {"--block", "N",
       "With \"dump FILE\": that block's contexts and templates"},
      line.block);
}

tl::unexpected<logfmt::Error> refuse_unknown(const CLI::App& app,
                                             const std::string& word) {
  std::vector<std::string_view> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  }
  std::string_view given = word;
  given.remove_prefix(std::min(given.find_first_not_of('-'), given.size()));
  given = given.substr(0, given.find('='));
  const auto nearest = nearest_name(given, names);
  std::string advice = "; --help lists the options";
  if (!nearest.empty()) {
    advice = "; did you mean --" + std::string(nearest) + "?";
  }
  return fail(ErrorCode::kInvalidArgument, "unknown option " + word + advice);
}

}  // namespace

logfmt::Result<CommandLine> read_command_line(
    const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument.size() > kArgumentBytesMax) {
      return fail(ErrorCode::kLimit, "an argument is longer than 64 KiB");
    }
  }
  CommandLine line;
  CLI::App app("Shows what logd has collected.", "logq");
  app.allow_extras();
  add_selection(app, line);
  add_sources(app, line);
  add_output(app, line);
  add_actions(app, line);
  add_care(app, line);
  auto words = ArgumentRewriter(arguments).rewrite();
  std::reverse(words.begin(), words.end());  // the order CLI11 takes
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    line.help = app.help();
    return line;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string_view text = error.what();
    return fail(ErrorCode::kInvalidArgument,
                std::string(text.substr(0, text.find(':'))) +
                    ": the value is missing; --help says what is expected");
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::kInvalidArgument, error.what());
  }
  for (const std::string& unknown : app.remaining()) {
    if (unknown != "--") return refuse_unknown(app, unknown);
  }
  return line;
}

}  // namespace logq
