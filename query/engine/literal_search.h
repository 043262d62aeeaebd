// Finds one piece of text in much text, with or without regard to case.
//
// Case is that of ASCII: callers that mean more than ASCII must not rely on a
// search without case to find everything (text_matcher.cc).
#pragma once

#include <string>
#include <string_view>

namespace logq {

class LiteralSearch {
 public:
  enum class Case { kExact, kIgnored };

  // `literal` must not be empty.
  LiteralSearch(std::string literal, Case literal_case);

  // Offset of the first occurrence at or behind `from`, or npos.
  size_t find(std::string_view text, size_t from) const;

 private:
  size_t find_ignoring_case(std::string_view text, size_t from) const;
  bool is_at(std::string_view text, size_t offset) const;

  std::string literal_;  // in lower case when case is ignored
  Case case_;
  size_t rare_ = 0;  // the letter that is looked for first
};

}  // namespace logq
