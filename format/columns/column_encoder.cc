#include "format/columns/column_encoder.h"

#include <algorithm>
#include <limits>

#include "format/coding.h"
#include "format/columns/line_text.h"
#include "format/columns/number_cost.h"

namespace logfmt {
namespace {

// What zstd makes of text, on average: of a character that is new, of one
// among digits, and of a piece that stood somewhere before.
constexpr double kCharacterBits = 5;
constexpr double kDigitBits = 3.6;
constexpr double kRepeatBits = 20;

// Entries can be a key to other columns, and are found without being decoded;
// for that they may cost a little more than numbers.
constexpr double kEntriesWorth = 0.85;

// A key has to tell one value in so many.
constexpr size_t kKeyedShareMin = 4;
constexpr uint64_t kNoEntry = UINT64_MAX;

// Of so many values at least so many have to come twice for a dictionary.
constexpr size_t kSampleValues = 512;
constexpr size_t kSampleRepeatsMin = 8;

// Longer values are not split.
constexpr size_t kSplitValueBytesMax = UINT16_MAX;

constexpr double kNever = std::numeric_limits<double>::infinity();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

double new_text_bits(std::span<const std::string_view> values) {
  size_t digits = 0;
  size_t bytes = values.size();  // their ends
  for (const std::string_view value : values) {
    bytes += value.size();
    for (const char c : value) digits += is_digit(c) ? 1 : 0;
  }
  return kDigitBits * static_cast<double>(digits) +
         kCharacterBits * static_cast<double>(bytes - digits);
}

uint8_t descriptor(ColumnKind kind, unsigned planes, bool width) {
  return static_cast<uint8_t>(static_cast<unsigned>(kind) |
                              (width ? kColumnHasWidth : 0u) |
                              planes << kColumnPlanesShift);
}

void write_strings(std::span<const std::string_view> values,
                   ColumnStreams& out) {
  const size_t start = out.strings.size();
  for (const std::string_view value : values) {
    out.strings.append(value);
    out.strings += kSlot;
  }
  append_varint(out.descriptors, out.strings.size() - start);
}

// Cuts a value into digit runs; false where what is between them is not as in
// `pattern`.
bool cut_runs(std::string_view value, std::string_view pattern,
              std::vector<std::vector<DigitRun>>& runs) {
  size_t at = 0;
  size_t run = 0;
  for (const char c : pattern) {
    if (c != kSlot) {
      if (at == value.size() || value[at] != c) return false;
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < value.size() && is_digit(value[at])) ++at;
    if (at == begin) return false;
    runs[run++].push_back(
        {static_cast<uint16_t>(begin), static_cast<uint16_t>(at - begin)});
  }
  return at == value.size();
}

// The value with each run of digits replaced by a slot; how many there are.
size_t make_pattern(std::string_view value, std::string& pattern) {
  pattern.clear();
  size_t runs = 0;
  for (size_t at = 0; at < value.size();) {
    if (!is_digit(value[at])) {
      pattern += value[at++];
      continue;
    }
    while (at < value.size() && is_digit(value[at])) ++at;
    pattern += kSlot;
    ++runs;
  }
  return runs;
}

// `pattern` with `constant` in place of its slot number `slot`.
void fill_slot(std::string& pattern, size_t slot, std::string_view constant) {
  size_t at = pattern.find(kSlot);
  for (; slot > 0; --slot) at = pattern.find(kSlot, at + 1);
  pattern.replace(at, 1, constant);
}

}  // namespace

void ColumnStreams::append(const ColumnStreams& more) {
  descriptors += more.descriptors;
  strings += more.strings;
  numbers.append(more.numbers);
}

ColumnStreams::Ends ColumnStreams::ends() const {
  return {descriptors.size(), strings.size(), numbers.bytes.size(),
          numbers.plane_ends.size()};
}

void ColumnStreams::cut(const Ends& ends) {
  descriptors.resize(ends.descriptors);
  strings.resize(ends.strings);
  numbers.bytes.resize(ends.numbers);
  numbers.plane_ends.resize(ends.planes);
}

void ColumnStreams::clear() {
  descriptors.clear();
  strings.clear();
  numbers.clear();
}

bool all_equal(std::span<const std::string_view> values) {
  return std::all_of(values.begin(), values.end(), [&](std::string_view value) {
    return value == values.front();
  });
}

bool ColumnEncoder::encode(Values values, Keys keys, ColumnStreams& out) {
  split_.clear();
  const double split_bits = encode_split(values, split_);
  const ColumnStreams::Ends before = out.ends();
  const double whole_bits = encode_whole(values, keys, out);
  const auto kind = static_cast<ColumnKind>(
      out.descriptors[before.descriptors] & kColumnKindMask);
  const bool entries =
      kind == ColumnKind::kDictionary || kind == ColumnKind::kKeyed;
  if (whole_bits * (entries ? kEntriesWorth : 1) > split_bits) {
    out.cut(before);
    out.append(split_);
    return false;
  }
  return entries;
}

double ColumnEncoder::encode_split(Values values, ColumnStreams& out) {
  const size_t runs = make_pattern(values.front(), pattern_);
  if (runs == 0 || runs > kSplitSlotsMax) return kNever;
  if (pattern_.size() == 1) return kNever;  // nothing but a number
  runs_.resize(std::max(runs_.size(), runs));
  for (auto& run : runs_) run.clear();
  for (const std::string_view value : values) {
    if (value.size() > kSplitValueBytesMax ||
        !cut_runs(value, pattern_, runs_)) {
      return kNever;
    }
  }
  double bits = 0;
  size_t slot = 0;
  split_columns_.clear();
  for (size_t i = 0; i < runs; ++i) {
    run_values_.resize(values.size());
    for (size_t row = 0; row < values.size(); ++row) {
      const DigitRun run = runs_[i][row];
      run_values_[row] = {values[row].data() + run.offset, run.bytes};
    }
    if (all_equal(run_values_)) {
      fill_slot(pattern_, slot, run_values_.front());
    } else {
      bits += encode_whole(run_values_, {}, split_columns_);
      ++slot;
    }
  }
  out.descriptors +=
      static_cast<char>(descriptor(ColumnKind::kSplit, 0, false));
  out.descriptors += pattern_;
  out.descriptors += kTextEnd;
  out.append(split_columns_);
  return bits + kCharacterBits * static_cast<double>(pattern_.size());
}

double ColumnEncoder::encode_whole(Values values, Keys keys,
                                   ColumnStreams& out) {
  const bool repeats = intern(values);
  const double distinct_bits = new_text_bits(distinct_.values());
  const double text_bits = text_cost_bits(distinct_bits, values.size());
  const double dictionary_bits =
      repeats ? distinct_bits + plane_cost_bits(ids_) : kNever;
  double keyed_bits = kNever;
  const ColumnKey* const key = repeats ? best_key(keys) : nullptr;
  if (key != nullptr) {
    code_keyed(*key);
    keyed_bits = distinct_bits + plane_cost_bits(keyed_);
  }
  double number_bits = kNever;
  double delta_bits = kNever;
  if (parse_numbers(values)) {
    code_deltas();
    delta_bits = plane_cost_bits(numbers_.coded);
    code_least();
    number_bits = plane_cost_bits(numbers_.coded);
  }
  const double least = std::min(
      {text_bits, dictionary_bits, keyed_bits, number_bits, delta_bits});
  if (least == number_bits) {
    write_numbers(ColumnKind::kNumber, out);
  } else if (least == delta_bits) {
    code_deltas();
    write_numbers(ColumnKind::kDelta, out);
  } else if (least == dictionary_bits) {
    write_entries(ColumnKind::kDictionary, ids_, out);
  } else if (least == keyed_bits) {
    write_entries(ColumnKind::kKeyed, keyed_, out);
    append_varint(out.descriptors, key->slot);
  } else {
    write_text(values, out);
  }
  return least;
}

// Numbers the distinct values, and says whether there are fewer of them than
// values. Gives up where the first ones show that hardly any comes twice.
bool ColumnEncoder::intern(Values values) {
  distinct_.clear();
  ids_.clear();
  std::string_view last;
  for (const std::string_view value : values) {
    if (!ids_.empty() && value == last) {
      ids_.push_back(ids_.back());
      continue;
    }
    ids_.push_back(distinct_.intern(value));
    last = value;
    if (ids_.size() == kSampleValues &&
        distinct_.size() > kSampleValues - kSampleRepeatsMin) {
      return false;
    }
  }
  return distinct_.size() < values.size();
}

// The one from which most values can be told, if it is worth a thing.
const ColumnKey* ColumnEncoder::best_key(Keys keys) {
  const ColumnKey* best = nullptr;
  size_t most = ids_.size() / kKeyedShareMin;
  for (const ColumnKey& key : keys) {
    if (const size_t told = code_keyed(key); told > most) {
      most = told;
      best = &key;
    }
  }
  return best;
}

// How many values could be told.
size_t ColumnEncoder::code_keyed(const ColumnKey& key) {
  keyed_.resize(ids_.size());
  last_ids_.clear();
  size_t told = 0;
  for (size_t i = 0; i < ids_.size(); ++i) {
    const uint32_t by = key.ids[i];
    if (by >= last_ids_.size()) last_ids_.resize(by + 1, kNoEntry);
    const bool same = last_ids_[by] == ids_[i];
    keyed_[i] = same ? 0 : ids_[i] + 1;
    last_ids_[by] = ids_[i];
    told += same ? 1 : 0;
  }
  return told;
}

// Takes the column for numbers if each can be told from its value alone.
bool ColumnEncoder::parse_numbers(Values values) {
  numbers_.values.clear();
  const size_t digits = values.front().size();
  bool same_width = true;
  bool leading_zeros = false;
  for (const std::string_view value : values) {
    if (value.size() > kNumberDigitsMax || !all_digits(value)) return false;
    same_width = same_width && value.size() == digits;
    leading_zeros = leading_zeros || (value.front() == '0' && value.size() > 1);
    if (leading_zeros && !same_width) return false;
    uint64_t number = 0;
    for (const char c : value) {
      number = number * 10 + static_cast<uint64_t>(c - '0');
    }
    numbers_.values.push_back(number);
  }
  numbers_.width = leading_zeros ? static_cast<uint8_t>(digits) : uint8_t{0};
  return true;
}

double ColumnEncoder::text_cost_bits(double distinct_bits,
                                     size_t values) const {
  const auto seen = static_cast<double>(ids_.size());
  const auto repeats = seen - static_cast<double>(distinct_.size());
  const double mean_bits =
      distinct_bits / static_cast<double>(distinct_.size());
  return (distinct_bits + repeats * std::min(mean_bits, kRepeatBits)) *
         (static_cast<double>(values) / seen);
}

void ColumnEncoder::write_text(Values values, ColumnStreams& out) const {
  out.descriptors += static_cast<char>(descriptor(ColumnKind::kText, 0, false));
  write_strings(values, out);
}

void ColumnEncoder::write_entries(ColumnKind kind,
                                  std::span<const uint64_t> codes,
                                  ColumnStreams& out) const {
  const unsigned planes = planes_needed(codes);
  out.descriptors += static_cast<char>(descriptor(kind, planes, false));
  append_varint(out.descriptors, distinct_.size());
  write_strings(distinct_.values(), out);
  out.numbers.append(codes, planes);
}

void ColumnEncoder::write_numbers(ColumnKind kind, ColumnStreams& out) {
  const unsigned planes = planes_needed(numbers_.coded);
  const bool width = numbers_.width != 0;
  out.descriptors += static_cast<char>(descriptor(kind, planes, width));
  if (width) out.descriptors += static_cast<char>(numbers_.width);
  append_varint(
      out.descriptors,
      kind == ColumnKind::kDelta
          ? numbers_.values.front()
          : *std::min_element(numbers_.values.begin(), numbers_.values.end()));
  out.numbers.append(numbers_.coded, planes);
}

void ColumnEncoder::code_least() {
  const uint64_t least =
      *std::min_element(numbers_.values.begin(), numbers_.values.end());
  numbers_.coded.resize(numbers_.values.size());
  for (size_t i = 0; i < numbers_.values.size(); ++i) {
    numbers_.coded[i] = numbers_.values[i] - least;
  }
}

void ColumnEncoder::code_deltas() {
  numbers_.coded.resize(numbers_.values.size());
  uint64_t before = numbers_.values.front();
  for (size_t i = 0; i < numbers_.values.size(); ++i) {
    const uint64_t value = numbers_.values[i];
    numbers_.coded[i] = zigzag(static_cast<int64_t>(value - before));
    before = value;
  }
}

}  // namespace logfmt
