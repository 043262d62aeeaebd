// Finds one piece of text in much text, with or without regard to case.
//
// Case is that of ASCII: callers that mean more than ASCII must not rely on a
// search without case to find everything (text_matcher.cc).
#pragma once

#include <string>
#include <string_view>

namespace logq {

// Of ASCII letters; other bytes stay as they are.
char lower_case(char c);
char upper_case(char c);

class LiteralSearch {
 public:
  enum class Case { kExact, kIgnored };

  // `literal` must not be empty.
  LiteralSearch(std::string literal, Case literal_case);

  // Offset of the first occurrence at or behind `from`, or npos.
  size_t find(std::string_view text, size_t from) const;
  // Whether `text` begins with these `bytes` of the literal, from `offset` on.
  bool matches_at(std::string_view text, size_t offset, size_t bytes) const;

  // Whether this byte occurs in it.
  bool has_byte(char byte) const {
    return literal_.find(ignores_case() ? lower_case(byte) : byte) !=
           std::string::npos;
  }
  // In lower case where case is ignored.
  std::string_view text() const { return literal_; }
  bool ignores_case() const { return case_ == Case::kIgnored; }

 private:
  size_t find_ignoring_case(std::string_view text, size_t from) const;
  bool is_at(std::string_view text, size_t offset) const;

  std::string literal_;  // in lower case when case is ignored
  Case case_;
  size_t rare_ = 0;  // the letter that is looked for first
};

}  // namespace logq
