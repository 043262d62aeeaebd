#include "format/columns/column_reader.h"

#include <algorithm>
#include <charconv>

#include "format/columns/line_text.h"
#include "format/planes.h"

namespace logfmt {
namespace {

constexpr unsigned kPlanesMax = sizeof(uint64_t);
constexpr size_t kDigitsBufferBytes = 20;  // of the greatest 64-bit number

// A search relies on it: what has no digit in it is never in two parts.
bool holds_digits(std::string_view strings) {
  return std::all_of(strings.begin(), strings.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == kSlot;
  });
}

}  // namespace

bool ColumnReader::read_descriptor(Decoder& in, size_t values) {
  values_ = static_cast<uint32_t>(values);
  const auto byte = in.fixed<uint8_t>();
  const auto kind = static_cast<uint8_t>(byte & kColumnKindMask);
  if (!in.ok() || kind > static_cast<uint8_t>(ColumnKind::kKeyed)) return false;
  kind_ = static_cast<ColumnKind>(kind);
  planes_ = static_cast<uint8_t>(byte >> kColumnPlanesShift);
  if (planes_ > kPlanesMax) return false;
  const bool has_width = (byte & kColumnHasWidth) != 0;
  switch (kind_) {
    case ColumnKind::kText:
      entry_count_ = values;
      strings_bytes_ = in.varint();
      return in.ok() && planes_ == 0 && !has_width;
    case ColumnKind::kDictionary:
    case ColumnKind::kKeyed:
      entry_count_ = in.varint();
      strings_bytes_ = in.varint();
      if (kind_ == ColumnKind::kKeyed) {
        key_slot_ = static_cast<uint32_t>(in.varint());
      }
      return in.ok() && !has_width && entry_count_ > 0 &&
             entry_count_ <= values;
    case ColumnKind::kNumber:
    case ColumnKind::kDelta:
      width_ = has_width ? in.fixed<uint8_t>() : uint8_t{0};
      base_ = in.varint();
      return in.ok() && width_ <= kNumberDigitsMax;
    case ColumnKind::kSplit:
      return planes_ == 0 && !has_width && read_split(in);
  }
  return false;
}

bool ColumnReader::read_split(Decoder& in) {
  const std::string_view rest = in.rest();
  const size_t end = rest.find(kTextEnd);
  if (end == std::string_view::npos) return false;
  pattern_ = rest.substr(0, end);
  in.bytes(end + 1);
  const auto slots = std::count(pattern_.begin(), pattern_.end(), kSlot);
  if (slots > static_cast<std::ptrdiff_t>(kSplitSlotsMax)) return false;
  parts_.resize(static_cast<size_t>(slots));
  return std::all_of(parts_.begin(), parts_.end(), [&](ColumnReader& part) {
    // One level deep: what a split gives are numbers.
    return part.read_descriptor(in, values_) &&
           part.kind() != ColumnKind::kSplit &&
           part.kind() != ColumnKind::kKeyed;
  });
}

bool ColumnReader::read_strings(std::string_view& strings) {
  if (strings_bytes_ > strings.size()) return false;
  strings_ = strings.substr(0, strings_bytes_);
  strings.remove_prefix(strings_bytes_);
  return std::all_of(parts_.begin(), parts_.end(), [&](ColumnReader& part) {
    return part.read_strings(strings) && holds_digits(part.strings());
  });
}

bool ColumnReader::find_entries() {
  if (entry_ends_.size() == entry_count_) return true;
  if (entry_count_ > strings_.size()) return false;  // each has an end
  entry_ends_.resize(entry_count_);
  size_t at = 0;
  for (uint32_t& entry_end : entry_ends_) {
    const size_t end = strings_.find(kSlot, at);
    if (end == std::string_view::npos) {
      at = end;
      break;
    }
    entry_end = static_cast<uint32_t>(end);
    at = end + 1;
  }
  if (at == strings_.size()) return true;
  entry_ends_.clear();  // or the next call would take them for good
  return false;
}

bool ColumnReader::read_numbers(std::string_view& numbers) {
  const size_t bytes = size_t{planes_} * values_;
  if (bytes > numbers.size()) return false;
  plane_bytes_ = numbers.substr(0, bytes);
  numbers.remove_prefix(bytes);
  return std::all_of(parts_.begin(), parts_.end(), [&](ColumnReader& part) {
    return part.read_numbers(numbers);
  });
}

bool ColumnReader::decode(std::span<const uint32_t> key_entries) {
  if (decoded_) return true;
  if (kind_ == ColumnKind::kSplit) {
    decoded_ = std::all_of(parts_.begin(), parts_.end(),
                           [](ColumnReader& part) { return part.decode(); });
    return decoded_;
  }
  if (kind_ == ColumnKind::kText) {
    decoded_ = find_entries();
    return decoded_;
  }
  read_plane_bytes(plane_bytes_, planes_, values_, numbers_);
  if (has_entries()) {
    decoded_ = find_entries() && decode_entries(key_entries);
  } else {
    decode_numbers();
    decoded_ = true;
  }
  return decoded_;
}

bool ColumnReader::decode_entries(std::span<const uint32_t> key_entries) {
  if (kind_ == ColumnKind::kKeyed) {
    if (key_entries.size() != numbers_.size()) return false;
    std::vector<uint64_t> last;  // by the key's entry
    for (size_t i = 0; i < numbers_.size(); ++i) {
      const uint32_t key = key_entries[i];
      if (key >= last.size()) last.resize(key + 1, UINT64_MAX);
      numbers_[i] = numbers_[i] == 0 ? last[key] : numbers_[i] - 1;
      last[key] = numbers_[i];
    }
  }
  return std::all_of(numbers_.begin(), numbers_.end(),
                     [&](uint64_t id) { return id < entry_count(); });
}

void ColumnReader::decode_numbers() {
  uint64_t before = base_;
  for (uint64_t& number : numbers_) {
    if (kind_ == ColumnKind::kNumber) {
      number += base_;
    } else {
      before += static_cast<uint64_t>(unzigzag(number));
      number = before;
    }
  }
}

size_t ColumnReader::entry_at(size_t offset) const {
  const auto end =
      std::lower_bound(entry_ends_.begin(), entry_ends_.end(), offset);
  return static_cast<size_t>(end - entry_ends_.begin());
}

std::string_view ColumnReader::entry(size_t entry) const {
  const size_t begin = entry == 0 ? 0 : entry_ends_[entry - 1] + 1;
  return strings_.substr(begin, entry_ends_[entry] - begin);
}

void ColumnReader::append(size_t index, TextBuffer& out) const {
  if (kind_ == ColumnKind::kNumber || kind_ == ColumnKind::kDelta) {
    append_number(numbers_[index], out);
  } else if (kind_ == ColumnKind::kSplit) {
    std::string_view rest = pattern_;
    for (const ColumnReader& part : parts_) {
      const size_t slot = rest.find(kSlot);
      out.append(rest.substr(0, slot));
      rest.remove_prefix(slot + 1);
      part.append(index, out);
    }
    out.append(rest);
  } else {
    out.append(entry(entry_of(index)));
  }
}

void ColumnReader::append_number(uint64_t number, TextBuffer& out) const {
  char digits[kDigitsBufferBytes];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  const auto count = static_cast<size_t>(end - digits);
  constexpr std::string_view kZeros = "0000000000000000000";
  static_assert(kZeros.size() == kNumberDigitsMax);
  if (count < width_) out.append(kZeros.substr(0, width_ - count));
  out.append({digits, count});
}

}  // namespace logfmt
