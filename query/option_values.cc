#include "query/option_values.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "format/limits.h"
#include "query/suggestion.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Result;

struct NamedNumber {
  std::string_view name;
  int number;
};

constexpr auto kPriorities = std::to_array<NamedNumber>({{"emerg", 0},
                                                         {"alert", 1},
                                                         {"crit", 2},
                                                         {"err", 3},
                                                         {"warning", 4},
                                                         {"notice", 5},
                                                         {"info", 6},
                                                         {"debug", 7},
                                                         {"panic", 0},
                                                         {"error", 3},
                                                         {"warn", 4}});

constexpr auto kFacilities = std::to_array<NamedNumber>(
    {{"kern", 0},    {"user", 1},    {"mail", 2},      {"daemon", 3},
     {"auth", 4},    {"syslog", 5},  {"lpr", 6},       {"news", 7},
     {"uucp", 8},    {"cron", 9},    {"authpriv", 10}, {"ftp", 11},
     {"local0", 16}, {"local1", 17}, {"local2", 18},   {"local3", 19},
     {"local4", 20}, {"local5", 21}, {"local6", 22},   {"local7", 23}});
constexpr int kFacilityMax = 23;

constexpr std::array<std::string_view, 11> kUnitSuffixes = {
    ".service", ".socket", ".target", ".device", ".mount", ".automount",
    ".swap",    ".timer",  ".path",   ".slice",  ".scope"};

constexpr size_t kBootIdDigits = 32;

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) {
    text.remove_prefix(1);
  }
  Number value{};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

template <size_t kCount>
std::optional<int> named_number(std::string_view text, int most,
                                const std::array<NamedNumber, kCount>& names) {
  for (const auto& [name, number] : names) {
    if (text == name) return number;
  }
  const auto number = read_number<int>(text);
  if (number && *number >= 0 && *number <= most) return number;
  return std::nullopt;
}

template <size_t kCount>
std::string suggest(std::string_view text,
                    const std::array<NamedNumber, kCount>& entries,
                    std::string_view hint) {
  std::array<std::string_view, kCount> names;
  std::transform(entries.begin(), entries.end(), names.begin(),
                 [](const NamedNumber& entry) { return entry.name; });
  return did_you_mean(text, names, hint);
}

tl::unexpected<logfmt::Error> refuse(std::string_view what,
                                     std::string_view text,
                                     const std::string& advice) {
  return fail(ErrorCode::kInvalidArgument,
              std::string(what) + " \"" + std::string(text) + "\"" + advice);
}

Result<int> parse_priority(std::string_view text) {
  const auto number = named_number(text, 7, kPriorities);
  if (!number) {
    return refuse("unknown priority", text,
                  suggest(text, kPriorities,
                          "expected emerg, alert, crit, err, warning, notice, "
                          "info, debug, 0-7 or a range such as warning..err"));
  }
  return *number;
}

// Splits "ID+N" and "ID-N"; the offset of a bare number is the number.
struct BootParts {
  std::string_view id;
  std::string_view offset;
};
BootParts split_boot(std::string_view text) {
  const bool has_id =
      text.size() >= kBootIdDigits &&
      logfmt::Id128::parse(text.substr(0, kBootIdDigits)).has_value();
  if (!has_id) return {"", text};
  return {text.substr(0, kBootIdDigits), text.substr(kBootIdDigits)};
}

Result<FieldTerm> parse_term(const std::string& word) {
  const size_t equals = word.find('=');
  if (equals == word.npos) {
    return refuse("cannot read", word,
                  "; expected FIELD=VALUE, FIELD!=VALUE or +");
  }
  FieldTerm term;
  term.negated = equals > 0 && word[equals - 1] == '!';
  term.name = word.substr(0, equals - (term.negated ? 1 : 0));
  term.value = word.substr(equals + 1);
  if (!is_field_name(term.name)) {
    return refuse("no field can be named", term.name,
                  "; names are 1-64 characters of A-Z, 0-9 and _, such as "
                  "_UID or SYSLOG_IDENTIFIER");
  }
  return term;
}

}  // namespace

Result<uint16_t> parse_priorities(std::string_view text) {
  const size_t dots = text.find("..");
  auto first = parse_priority(text.substr(0, dots));
  if (!first) return fail(std::move(first.error()));
  int low = 0;
  int high = *first;
  if (dots != text.npos) {
    auto second = parse_priority(text.substr(dots + 2));
    if (!second) return fail(std::move(second.error()));
    low = std::min(*first, *second);
    high = std::max(*first, *second);
  }
  const unsigned up_to_high = (2u << high) - 1;
  const unsigned below_low = (1u << low) - 1;
  return static_cast<uint16_t>(up_to_high & ~below_low);
}

Result<uint32_t> parse_facilities(std::string_view text) {
  uint32_t mask = 0;
  for (;;) {
    const size_t end = std::min(text.find(','), text.size());
    const auto name = text.substr(0, end);
    const auto number = named_number(name, kFacilityMax, kFacilities);
    if (!number) {
      return refuse("unknown facility", name,
                    suggest(name, kFacilities,
                            "--facility=help lists the names; 0-23 are "
                            "accepted too"));
    }
    mask |= uint32_t{1} << *number;
    if (end == text.size()) return mask;
    text.remove_prefix(end + 1);
  }
}

std::string facility_names() {
  std::string names;
  for (const auto& [name, number] : kFacilities) {
    names += name;
    names += '\n';
  }
  return names;
}

Result<LineCount> parse_lines(std::string_view text) {
  if (text == "all") return LineCount{};
  const auto count = read_number<uint64_t>(text);
  if (!count) {
    return refuse("cannot read the number of lines", text,
                  "; expected N, +N or all");
  }
  return LineCount{.count = count, .from_oldest = text.starts_with('+')};
}

Result<std::optional<BootSelector>> parse_boot(std::string_view text) {
  if (text == "all") return std::nullopt;
  BootSelector boot;
  const auto [id, offset] = split_boot(text);
  if (!id.empty()) boot.id = logfmt::Id128::parse(id);
  const bool offset_is_signed =
      offset.starts_with('+') || offset.starts_with('-');
  if (!offset.empty()) {
    const auto number = read_number<int64_t>(offset);
    if (!number || (boot.id && !offset_is_signed)) {
      return refuse("cannot read the boot", text,
                    "; expected a boot id, 0 for the current boot, -1 for the "
                    "one before, 1 for the oldest, or all");
    }
    boot.offset = *number;
  }
  return boot;
}

Result<bool> parse_bool(std::string_view text) {
  for (const auto yes : {"1", "yes", "y", "true", "t", "on"}) {
    if (text == yes) return true;
  }
  for (const auto no : {"0", "no", "n", "false", "f", "off"}) {
    if (text == no) return false;
  }
  return refuse("cannot read", text, " as a boolean; expected yes or no");
}

Result<std::vector<FieldGroup>> parse_terms(
    const std::vector<std::string>& words) {
  std::vector<FieldGroup> groups;
  if (words.empty()) return groups;
  groups.emplace_back();
  for (const std::string& word : words) {
    if (word == "+" && !groups.back().empty()) {
      groups.emplace_back();
      continue;
    }
    if (word == "+") break;
    auto term = parse_term(word);
    if (!term) return fail(std::move(term.error()));
    groups.back().push_back(std::move(*term));
  }
  if (groups.back().empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "\"+\" stands between terms: FIELD=VALUE + FIELD=VALUE");
  }
  return groups;
}

bool is_field_name(std::string_view name) {
  if (name.empty() || name.size() > logfmt::kFieldNameBytesMax) return false;
  if (name.front() >= '0' && name.front() <= '9') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string unit_name(std::string_view given) {
  std::string name(given);
  const bool complete = name.ends_with('*') ||
                        std::any_of(kUnitSuffixes.begin(), kUnitSuffixes.end(),
                                    [&](std::string_view suffix) {
                                      return name.size() > suffix.size() &&
                                             name.ends_with(suffix);
                                    });
  if (!complete) name += ".service";
  return name;
}

bool looks_like_lines(std::string_view text) {
  return text == "all" || read_number<uint64_t>(text).has_value();
}

bool looks_like_boot(std::string_view text) {
  return !text.empty() && parse_boot(text).has_value();
}

}  // namespace logq
