// The text part of a query: RE2 patterns on the MESSAGE of an entry.
//
// Where every pattern to be included cannot match without certain pieces of
// text, those pieces are searched first in all the text of a block at once
// (template_search.h), and only the rows where one may occur are matched. The
// search may let rows pass that do not match, never the other way round.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "format/field_list.h"
#include "format/result.h"
#include "query/engine/literal_search.h"
#include "query/engine/query.h"

namespace re2 {
class RE2;
}

namespace logq {

inline constexpr size_t kPatternBytesMax = 64 << 10;

// journalctl's rule: of several MESSAGE fields the last one counts.
std::optional<std::string_view> last_message(const logfmt::FieldList& payload);

struct TextPattern {
  std::unique_ptr<re2::RE2> compiled{};
  // Set where finding it is the whole of the pattern.
  std::optional<LiteralSearch> literal{};
};

class TextMatcher {
 public:
  // kInvalidArgument with RE2's reason where a pattern is not one.
  static logfmt::Result<TextMatcher> compile(const TextFilter& filter);

  TextMatcher(TextMatcher&&) noexcept;
  TextMatcher& operator=(TextMatcher&&) noexcept;
  ~TextMatcher();

  bool empty() const { return include_.empty() && exclude_.empty(); }
  // An entry without MESSAGE never matches what has to be included.
  bool matches(const logfmt::FieldList& payload) const;

  // Every entry that is to be included has one of these somewhere in its
  // payload. Empty: nothing is known, all entries have to be matched.
  const std::vector<LiteralSearch>& literals() const { return literals_; }

 private:
  using Patterns = std::vector<TextPattern>;

  TextMatcher();
  void take_literals(const TextFilter& filter);

  Patterns include_;
  Patterns exclude_;
  std::vector<LiteralSearch> literals_;
};

}  // namespace logq
