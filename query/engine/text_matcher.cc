// RE2 itself tells which pieces of text ("atoms") a pattern needs: at least
// one of them occurs in whatever it matches. Atoms are in lower case, so they
// are searched without regard to case.
//
// Our search knows the case of ASCII only. A pattern that ignores case may
// match U+017F for "s" and U+212A for "k", and other alphabets have cases of
// their own; therefore an atom is cut down to its longest run of ASCII without
// these two letters, which is found wherever the atom would be.
#include "query/engine/text_matcher.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "format/entry.h"

namespace logq {
namespace {

using logfmt::ErrorCode;

// Shorter pieces occur everywhere; more of them cost more than they save.
constexpr int kLiteralBytesMin = 3;
constexpr size_t kLiteralsMax = 8;

bool ignores_case(std::string_view pattern, const TextFilter& filter) {
  if (filter.case_sensitive) return !*filter.case_sensitive;
  return std::none_of(pattern.begin(), pattern.end(),
                      [](char c) { return c >= 'A' && c <= 'Z'; });
}

RE2::Options options_for(std::string_view pattern, const TextFilter& filter) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!ignores_case(pattern, filter));
  return options;
}

bool is_plain(std::string_view pattern) {
  return pattern.find_first_of("\\^$.|?*+()[]{}") == std::string_view::npos;
}

bool only_dots_are_special(std::string_view pattern) {
  return pattern.find_first_of("\\^$|?*+()[]{}") == std::string_view::npos;
}

std::string_view longest_between_dots(std::string_view pattern) {
  std::string_view longest;
  while (true) {
    const std::string_view piece = pattern.substr(0, pattern.find('.'));
    if (piece.size() > longest.size()) longest = piece;
    if (piece.size() == pattern.size()) return longest;
    pattern.remove_prefix(piece.size() + 1);
  }
}

std::string longest_sure_run(std::string_view atom) {
  std::string_view longest;
  while (!atom.empty()) {
    const auto end = std::find_if(atom.begin(), atom.end(), [](char c) {
      return (c & 0x80) != 0 || c == 's' || c == 'k' || c == 'S' || c == 'K';
    });
    const auto run = atom.substr(0, static_cast<size_t>(end - atom.begin()));
    if (run.size() > longest.size()) longest = run;
    atom.remove_prefix(std::min(run.size() + 1, atom.size()));
  }
  return std::string(longest);
}

// Where finding a piece of text is all that a pattern asks for: that piece.
std::optional<LiteralSearch> decisive_literal(const std::string& pattern,
                                              const TextFilter& filter) {
  if (!is_plain(pattern) || pattern.empty()) return std::nullopt;
  if (!ignores_case(pattern, filter)) {
    return LiteralSearch(pattern, LiteralSearch::Case::kExact);
  }
  if (longest_sure_run(pattern) != pattern) return std::nullopt;
  return LiteralSearch(pattern, LiteralSearch::Case::kIgnored);
}

// The literals one of which any match of `pattern` contains; none if unknown.
std::vector<LiteralSearch> literals_of(const std::string& pattern,
                                       const TextFilter& filter) {
  std::vector<LiteralSearch> literals;
  const RE2::Options options = options_for(pattern, filter);
  if (is_plain(pattern) && !pattern.empty() && options.case_sensitive()) {
    literals.emplace_back(pattern, LiteralSearch::Case::kExact);
    return literals;
  }
  // An address or a file name: dots, and nothing else that is special. All of
  // its pieces are required, so the longest one is enough.
  if (only_dots_are_special(pattern)) {
    std::string piece = longest_sure_run(longest_between_dots(pattern));
    if (piece.size() < size_t{kLiteralBytesMin}) return {};
    literals.emplace_back(std::move(piece), LiteralSearch::Case::kIgnored);
    return literals;
  }
  re2::FilteredRE2 filtered(kLiteralBytesMin);
  std::vector<std::string> atoms;
  int id = 0;
  if (filtered.Add(pattern, options, &id) != RE2::NoError) return {};
  filtered.Compile(&atoms);
  for (const std::string& atom : atoms) {
    std::string run = longest_sure_run(atom);
    if (run.size() < size_t{kLiteralBytesMin}) return {};
    literals.emplace_back(std::move(run), LiteralSearch::Case::kIgnored);
  }
  return literals;
}

logfmt::Status compile_all(const std::vector<std::string>& patterns,
                           const TextFilter& filter,
                           std::vector<TextPattern>& out) {
  for (const std::string& pattern : patterns) {
    if (pattern.size() > kPatternBytesMax) {
      return logfmt::fail(ErrorCode::kLimit,
                          "a pattern may be at most 64 KiB long");
    }
    auto compiled =
        std::make_unique<RE2>(pattern, options_for(pattern, filter));
    if (!compiled->ok()) {
      return logfmt::fail(
          ErrorCode::kInvalidArgument,
          "cannot use the pattern '" + pattern + "': " + compiled->error());
    }
    out.push_back({std::move(compiled), decisive_literal(pattern, filter)});
  }
  return {};
}

bool any_matches(const std::vector<TextPattern>& patterns,
                 std::string_view message) {
  const re2::StringPiece text(message.data(), message.size());
  return std::any_of(
      patterns.begin(), patterns.end(), [&](const TextPattern& pattern) {
        return pattern.literal
                   ? pattern.literal->find(message, 0) != std::string_view::npos
                   : RE2::PartialMatch(text, *pattern.compiled);
      });
}

}  // namespace

TextMatcher::TextMatcher() = default;
TextMatcher::TextMatcher(TextMatcher&&) noexcept = default;
TextMatcher& TextMatcher::operator=(TextMatcher&&) noexcept = default;
TextMatcher::~TextMatcher() = default;

std::optional<std::string_view> last_message(const logfmt::FieldList& payload) {
  std::optional<std::string_view> message;
  for (const logfmt::Field& field : payload) {
    if (field.name == logfmt::field::kMessage) message = field.value;
  }
  return message;
}

logfmt::Result<TextMatcher> TextMatcher::compile(const TextFilter& filter) {
  TextMatcher matcher;
  LOGD_RETURN_IF_ERROR(compile_all(filter.include, filter, matcher.include_));
  LOGD_RETURN_IF_ERROR(compile_all(filter.exclude, filter, matcher.exclude_));
  matcher.take_literals(filter);
  return matcher;
}

void TextMatcher::take_literals(const TextFilter& filter) {
  for (const std::string& pattern : filter.include) {
    auto found = literals_of(pattern, filter);
    if (found.empty() || literals_.size() + found.size() > kLiteralsMax) {
      literals_.clear();
      return;
    }
    std::move(found.begin(), found.end(), std::back_inserter(literals_));
  }
}

bool TextMatcher::matches(const logfmt::FieldList& payload) const {
  if (empty()) return true;
  const auto message = last_message(payload);
  if (!message) return include_.empty();
  return (include_.empty() || any_matches(include_, *message)) &&
         !any_matches(exclude_, *message);
}

}  // namespace logq
