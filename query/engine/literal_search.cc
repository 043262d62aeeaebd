// memmem() is as fast as memory where case counts. Where it does not, two
// memchr() runs, one for each case of the rarest letter of the literal, give
// the places worth comparing.
#include "query/engine/literal_search.h"

#include <string.h>

#include <algorithm>

namespace logq {
namespace {

constexpr size_t kNone = std::string_view::npos;

// From the most to the least frequent in log text; what is not listed is rare.
size_t rarity(char c) {
  constexpr std::string_view kByFrequency = " etaoinrscdl0.1mpu:-2/g3hfb";
  return std::min(kByFrequency.find(c), kByFrequency.size());
}

// A find() that stops at the first hit must not have looked at the whole text
// for the other case, or many hits would cost its square.
constexpr size_t kWindowBytes = 1024;

size_t find_byte(std::string_view text, char byte, size_t from, size_t end) {
  const size_t at = text.substr(0, end).find(byte, from);
  return std::min(at, end);
}

}  // namespace

char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
char upper_case(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

LiteralSearch::LiteralSearch(std::string literal, Case literal_case)
    : literal_(std::move(literal)), case_(literal_case) {
  // Without letters there is no case, and the faster search will do.
  if (std::all_of(literal_.begin(), literal_.end(), [](char c) {
        return lower_case(c) == c && upper_case(c) == c;
      })) {
    case_ = Case::kExact;
  }
  if (case_ == Case::kExact) return;
  std::transform(literal_.begin(), literal_.end(), literal_.begin(),
                 lower_case);
  const auto rarest =
      std::max_element(literal_.begin(), literal_.end(),
                       [](char a, char b) { return rarity(a) < rarity(b); });
  rare_ = static_cast<size_t>(rarest - literal_.begin());
}

size_t LiteralSearch::find(std::string_view text, size_t from) const {
  if (from > text.size() || text.size() - from < literal_.size()) return kNone;
  if (case_ == Case::kIgnored) return find_ignoring_case(text, from);
  const void* hit = memmem(text.data() + from, text.size() - from,
                           literal_.data(), literal_.size());
  if (hit == nullptr) return kNone;
  return static_cast<size_t>(static_cast<const char*>(hit) - text.data());
}

size_t LiteralSearch::find_ignoring_case(std::string_view text,
                                         size_t from) const {
  const char small = literal_[rare_];
  const char big = upper_case(small);
  for (size_t at = from + rare_; at < text.size();) {
    const size_t end = std::min(at + kWindowBytes, text.size());
    size_t next_small = find_byte(text, small, at, end);
    size_t next_big = big == small ? end : find_byte(text, big, at, end);
    while ((at = std::min(next_small, next_big)) < end) {
      if (is_at(text, at - rare_)) return at - rare_;
      if (at == next_small) {
        next_small = find_byte(text, small, at + 1, end);
      } else {
        next_big = find_byte(text, big, at + 1, end);
      }
    }
  }
  return kNone;
}

bool LiteralSearch::is_at(std::string_view text, size_t offset) const {
  return text.size() - offset >= literal_.size() &&
         matches_at(text.substr(offset), 0, literal_.size());
}

bool LiteralSearch::matches_at(std::string_view text, size_t offset,
                               size_t bytes) const {
  const auto literal = std::string_view(literal_).substr(offset, bytes);
  if (text.size() < bytes) return false;
  if (case_ == Case::kExact) return text.starts_with(literal);
  return std::equal(literal.begin(), literal.end(), text.begin(),
                    [](char a, char b) { return a == lower_case(b); });
}

}  // namespace logq
