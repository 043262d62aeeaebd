// Unit or identifier patterns, made ready for many comparisons.
//
// Patterns are shell globs, in which a backslash has no meaning (journalctl's
// rule). A pattern without *, ? or [ is compared as it is, and can be looked
// up in the name summaries of blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine/query.h"

namespace logq {

// What unit names have and the identifiers of their programs have not.
inline constexpr std::string_view kServiceSuffix = ".service";

class NameFilter {
 public:
  explicit NameFilter(const NamePatterns& patterns);

  bool empty() const { return include_.empty() && exclude_.empty(); }
  // Whether anything at all is asked to be included.
  bool selects() const { return !include_.empty(); }
  bool includes(std::string_view name) const { return any(include_, name); }
  bool excludes(std::string_view name) const { return any(exclude_, name); }

  // The included names when all of them are plain; otherwise nothing can be
  // said from hashes.
  bool plain() const { return plain_; }
  std::vector<std::string_view> plain_names() const;

 private:
  struct Pattern {
    std::string text;
    bool glob;
  };

  static std::vector<Pattern> prepare(const std::vector<std::string>& texts);
  static bool any(const std::vector<Pattern>& patterns, std::string_view name);

  std::vector<Pattern> include_;
  std::vector<Pattern> exclude_;
  bool plain_ = false;
};

}  // namespace logq
