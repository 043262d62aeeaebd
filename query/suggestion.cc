#include "query/suggestion.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace logq {
namespace {

constexpr size_t kGivenBytesMax = 64;

// Levenshtein distance; one row of the table at a time.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t above = row[j + 1];
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      row[j + 1] = std::min({replaced, above + 1, row[j] + 1});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view given,
                              std::span<const std::string_view> names) {
  if (given.size() > kGivenBytesMax) return {};
  std::string_view nearest;
  // A third of the letters may differ: more is another word.
  size_t limit = given.size() / 3 + 1;
  for (const auto name : names) {
    const size_t distance = edit_distance(given, name);
    if (distance <= limit && distance < std::max(name.size(), size_t{2})) {
      nearest = name;
      if (distance == 0) break;
      limit = distance - 1;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view given,
                         std::span<const std::string_view> names,
                         std::string_view hint) {
  const auto nearest = nearest_name(given, names);
  if (nearest.empty()) return "; " + std::string(hint);
  return "; did you mean \"" + std::string(nearest) + "\"?";
}

}  // namespace logq
