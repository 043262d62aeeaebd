#include "format/columns/word_split.h"

#include <array>
#include <cstring>

#include "format/columns/line_text.h"

namespace logfmt {
namespace {

enum Class : uint8_t {
  kOther = 0,
  kWord = 1,
  kDigit = 2,
  kQuote = 4,
  kDot = 8,
  kUpper = 16,
};

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool joins = c == '_' || c == '.' || c == '+' || c == '-';
    if (c >= '0' && c <= '9') classes[c] = kWord | kDigit;
    if (letter || joins || c >= 0x80) classes[c] = kWord;
  }
  for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] |= kUpper;
  classes['.'] |= kDot;
  classes['"'] = kQuote;
  return classes;
}

constexpr auto kClasses = make_classes();

uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

bool is_date_word(std::string_view word) {
  constexpr std::string_view kNames =
      "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec "
      "Mon Tue Wed Thu Fri Sat Sun";
  return word.size() == 3 && (class_of(word[0]) & kUpper) != 0 &&
         kNames.find(word) % 4 == 0;
}

class Splitter {
 public:
  Splitter(std::string_view text, std::string& pattern,
           std::vector<Span>& variables)
      : text_(text), pattern_(pattern), variables_(variables) {}

  void run() {
    // Every variable has a byte at least, so the pattern is never longer.
    const size_t before = pattern_.size();
    pattern_.resize(before + text_.size());
    pattern_end_ = pattern_.data() + before;
    split();
    append_static(text_.size());
    pattern_.resize(static_cast<size_t>(pattern_end_ - pattern_.data()));
  }

 private:
  void split() {
    size_t at = 0;
    while (at < text_.size()) {
      const uint8_t kind = class_of(text_[at]);
      if ((kind & kWord) != 0) {
        at = take_word(at);
      } else if (kind == kQuote && at >= quote_closed_at_) {
        at = take_quoted(at);
      } else {
        ++at;
      }
    }
  }

  size_t take_word(size_t begin) {
    uint8_t seen = 0;
    size_t end = begin;
    for (; end < text_.size(); ++end) {
      const uint8_t kind = class_of(text_[end]);
      if ((kind & kWord) == 0) break;
      seen |= kind;
    }
    size_t trimmed = end;
    while (trimmed > begin &&
           (text_[trimmed - 1] == '.' || text_[trimmed - 1] == '-')) {
      --trimmed;
    }
    const auto word = text_.substr(begin, trimmed - begin);
    const bool dotted =
        (seen & kDot) != 0 && (trimmed == end || word.find('.') != word.npos);
    if ((seen & kDigit) != 0 || dotted || is_date_word(word)) {
      add_variable(begin, trimmed);
    }
    return end;
  }

  size_t take_quoted(size_t open) {
    bool one_value = false;
    size_t at = open + 1;
    for (; at < text_.size(); ++at) {
      if (text_[at] == '"' || text_[at] == kFieldEnd) break;
      one_value = one_value || text_[at] == ' ' || text_[at] == '/';
    }
    if (at == text_.size() || text_[at] != '"') return open + 1;
    if (!one_value) {
      // Its words are split as usual; its end does not open another one.
      quote_closed_at_ = at + 1;
      return open + 1;
    }
    add_variable(open + 1, at);
    return at + 1;
  }

  void add_variable(size_t begin, size_t end) {
    append_static(begin);
    *pattern_end_++ = kSlot;
    variables_.push_back(
        {static_cast<uint32_t>(begin), static_cast<uint32_t>(end - begin)});
    static_from_ = end;
  }

  void append_static(size_t end) {
    const size_t bytes = end - static_from_;
    std::memcpy(pattern_end_, text_.data() + static_from_, bytes);
    pattern_end_ += bytes;
  }

  std::string_view text_;
  std::string& pattern_;
  char* pattern_end_ = nullptr;
  std::vector<Span>& variables_;
  size_t static_from_ = 0;      // what stands before it is in the pattern
  size_t quote_closed_at_ = 0;  // quotes before it are accounted for
};

}  // namespace

void split_words(std::string_view text, std::string& pattern,
                 std::vector<Span>& variables) {
  Splitter(text, pattern, variables).run();
}

}  // namespace logfmt
