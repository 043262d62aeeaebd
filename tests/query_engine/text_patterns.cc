#include "tests/query_engine/text_patterns.h"

#include <re2/re2.h>

#include <array>
#include <vector>

namespace logq_test {
namespace {

constexpr size_t kFragmentBytesMax = 30;

const std::vector<std::string> kFixed{
    "",          "^",         "$",         "^$",          ".",
    "^.$",       "(?s)^.*$",  "[^a]",      "\\d",         "\\d{3}",
    "\\D+$",     "^\\d",      "\\bip\\b",  "MESSAGE",     "CODE_FILE",
    "CODE_LINE", "NOTE",      "COREDUMP",  "\\x00",       "\\x01",
    "\x01",      "\\x{80}",   "k",         "\xc5\xbf",    "\xe2\x84\xaa",
    "STRASSE",   "\xc3\x9f",  "s",         "zzz",         "error|ERROR|zzz",
    "a*",        "(ab|)",     "[0-9a-f]+", "\n",          "(?m)^  File",
    "(?i)error", "\\Aproc",   "7\\z",      "[[:alpha:]]", "200 \\d+ \"-\"",
    "x?ssh2",    "(a|b|c)-b", "\"",        "\" ",         " \"",
    "1\\.0",     "\\.",       "-1",        "0{2}",        "(Session|session) c",
};

// A field of a random entry: MESSAGE most of the time, another value or a name
// now and then. None of these may be found where MESSAGE does not have it.
std::string random_text(Random& random, Entries entries) {
  const MadeEntry& entry = entries[below(random, entries.size())];
  const std::string& list = chance(random, 20) ? entry.context : entry.payload;
  std::vector<std::string_view> texts;
  for (const auto& [name, value] : logfmt::FieldList(list)) {
    if (name != "MESSAGE" && !chance(random, 4)) continue;
    texts.push_back(chance(random, 20) ? name : value);
  }
  return texts.empty() ? "" : std::string(texts[below(random, texts.size())]);
}

std::string fragment_of(Random& random, const std::string& text) {
  if (text.empty()) return {};
  const size_t begin = below(random, text.size());
  return text.substr(begin, 1 + below(random, kFragmentBytesMax));
}

void change_one_byte(Random& random, std::string& text) {
  if (text.empty()) return;
  const size_t at = below(random, text.size());
  switch (below(random, 4)) {
    case 0:
      text.erase(at, 1);
      return;
    case 1:
      text.insert(at, 1, text[at]);
      return;
    case 2:
      text[at] = static_cast<char>(text[at] ^ ' ');  // the other case
      return;
    default:
      text[at] = " 019az.-_\""[below(random, 10)];
  }
}

std::string quoted(Random& random, const std::string& fragment) {
  // As people type it: without a backslash before what is no operator.
  static constexpr std::string_view kOperators = "\\^$.|?*+()[]{}";
  if (chance(random, 3)) return RE2::QuoteMeta(fragment);
  std::string pattern;
  for (const char c : fragment) {
    if (kOperators.find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

// Some bytes of the fragment give way to operators.
std::string loosened(Random& random, const std::string& fragment) {
  std::string pattern;
  for (const char c : fragment) {
    const std::string literal = RE2::QuoteMeta(std::string(1, c));
    if (c >= '0' && c <= '9' && chance(random, 3)) {
      pattern += "\\d";
    } else if (chance(random, 12)) {
      constexpr std::array kOperators{".", ".?", "(?s).*", "[^!]"};
      pattern += kOperators[below(random, kOperators.size())];
    } else if (chance(random, 15)) {
      pattern += literal + (chance(random, 2) ? "+" : "*");
    } else {
      pattern += literal;
    }
  }
  return pattern;
}

std::string composed(Random& random, const std::string& a,
                     const std::string& b) {
  switch (below(random, 10)) {
    case 0:
      return a + "|" + b;
    case 1:
      return "(" + a + "|" + b + ")";
    case 2:
      return a + ".*" + b;
    case 3:
      return "^" + a;
    case 4:
      return a + "$";
    case 5:
      return "\\b" + a + "\\b";
    case 6:
      return "(?i)" + a;
    case 7:
      return "(" + a + ")?" + b;
    case 8:
      return "x*" + a;
    default:
      return "^" + a + "$";
  }
}

std::string attempt(Random& random, Entries entries) {
  const std::string text = random_text(random, entries);
  std::string fragment =
      chance(random, 10) ? text.substr(0, 200) : fragment_of(random, text);
  if (chance(random, 3)) change_one_byte(random, fragment);
  switch (below(random, 8)) {
    case 0:
      return fragment;  // whatever its operators mean
    case 1:
      return loosened(random, fragment);
    case 2: {
      const std::string other =
          fragment_of(random, random_text(random, entries));
      return composed(random, quoted(random, fragment), quoted(random, other));
    }
    default:
      return quoted(random, fragment);
  }
}

}  // namespace

std::string random_pattern(Random& random, Entries entries) {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  for (int tries = 0; tries < 20 && !chance(random, 12); ++tries) {
    std::string pattern = attempt(random, entries);
    if (RE2(pattern, quiet).ok()) return pattern;
  }
  return kFixed[below(random, kFixed.size())];
}

}  // namespace logq_test
