#include "query/engine/name_filter.h"

#include <fnmatch.h>

#include <algorithm>

namespace logq {

NameFilter::NameFilter(const NamePatterns& patterns)
    : include_(prepare(patterns.include)), exclude_(prepare(patterns.exclude)) {
  plain_ = selects() && std::none_of(include_.begin(), include_.end(),
                                     [](const Pattern& p) { return p.glob; });
}

std::vector<NameFilter::Pattern> NameFilter::prepare(
    const std::vector<std::string>& texts) {
  std::vector<Pattern> patterns;
  for (const std::string& text : texts) {
    const bool glob = text.find_first_of("*?[") != std::string::npos;
    patterns.push_back({text, glob});
  }
  return patterns;
}

bool NameFilter::any(const std::vector<Pattern>& patterns,
                     std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const Pattern& pattern) {
                       if (!pattern.glob) return pattern.text == name;
                       const std::string terminated(name);
                       return fnmatch(pattern.text.c_str(), terminated.c_str(),
                                      FNM_NOESCAPE) == 0;
                     });
}

std::vector<std::string_view> NameFilter::plain_names() const {
  std::vector<std::string_view> names;
  for (const Pattern& pattern : include_) names.push_back(pattern.text);
  return names;
}

}  // namespace logq
