#include "logd/intake/native_parser.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "format/coding.h"
#include "format/limits.h"
#include "logd/intake/claims.h"
#include "logd/intake/text_scan.h"

namespace logd {
namespace {

using logfmt::Field;
using logfmt::kFieldsPerEntryMax;

constexpr std::array<bool, 256> make_name_bytes() {
  std::array<bool, 256> allowed{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")) {
    allowed[static_cast<unsigned char>(c)] = true;
  }
  return allowed;
}
constexpr std::array<bool, 256> kNameBytes = make_name_bytes();

// How many bytes from the front may stand in a name.
size_t name_run(std::string_view line) {
  size_t size = 0;
  while (size < line.size() &&
         kNameBytes[static_cast<unsigned char>(line[size])]) {
    ++size;
  }
  return size;
}

// Spreads the names of an entry over its filter. Equal names agree; that names
// which differ mostly do not is all that is asked.
size_t name_hash(std::string_view name) {
  uint64_t head = 0;
  uint64_t tail = 0;
  if (name.size() >= sizeof(uint64_t)) {
    std::memcpy(&head, name.data(), sizeof head);
    std::memcpy(&tail, name.data() + name.size() - sizeof tail, sizeof tail);
  } else {
    for (const char c : name) head = head << 8 | static_cast<uint8_t>(c);
  }
  const uint64_t mixed =
      head * 0x9E3779B97F4A7C15u + tail + (uint64_t{name.size()} << 56);
  return mixed * 0xD6E8FEB86659FD93u >> 54;
}

// Removes fields that an earlier one equals. By sorting: comparing all pairs
// would let one entry cost a million comparisons of long values.
void collapse_equal(std::vector<Field>& fields) {
  std::array<uint16_t, kFieldsPerEntryMax> order;
  const auto end = order.begin() + static_cast<ptrdiff_t>(fields.size());
  std::iota(order.begin(), end, uint16_t{0});
  std::sort(order.begin(), end, [&](uint16_t a, uint16_t b) {
    if (const int by_name = fields[a].name.compare(fields[b].name)) {
      return by_name < 0;
    }
    if (fields[a].value.size() != fields[b].value.size()) {
      return fields[a].value.size() < fields[b].value.size();
    }
    const int by_value = fields[a].value.compare(fields[b].value);
    return by_value != 0 ? by_value < 0 : a < b;
  });
  std::bitset<kFieldsPerEntryMax> repeated;
  for (auto at = order.begin(); at != end && at + 1 != end; ++at) {
    repeated[at[1]] = fields[at[0]] == fields[at[1]];
  }
  size_t index = 0;
  std::erase_if(fields, [&](const Field&) { return repeated[index++]; });
}

bool lift_priority(std::string_view value, Message& out) {
  if (value.size() != 1 || value[0] < '0' || value[0] > '7') return false;
  out.priority = static_cast<uint8_t>(value[0] - '0');
  return true;
}

// Only what prints again as it was sent.
bool lift_facility(std::string_view value, Message& out) {
  if (value.empty() || value.size() > 2) return false;
  if (!std::all_of(value.begin(), value.end(), is_digit)) return false;
  int facility = value[0] - '0';
  if (value.size() == 2) {
    if (facility == 0) return false;
    facility = facility * 10 + (value[1] - '0');
  }
  if (facility > kFacilityMax) return false;
  out.facility = static_cast<int16_t>(facility);
  return true;
}

bool lift_identifier(std::string_view value, Message& out) {
  if (value.size() > kIdentifierBytesMax) return false;
  out.identifier = value;
  return true;
}

// Moves what Message has members for out of the list of fields.
void lift_known(Message& out) {
  bool priority_seen = false;
  bool facility_seen = false;
  bool identifier_seen = false;
  const auto first = [](bool& seen) { return !std::exchange(seen, true); };
  std::erase_if(out.fields, [&](const Field& field) {
    if (field.name == logfmt::field::kPriority) {
      return first(priority_seen) && lift_priority(field.value, out);
    }
    if (field.name == logfmt::field::kFacility) {
      return first(facility_seen) && lift_facility(field.value, out);
    }
    if (field.name == logfmt::field::kIdentifier) {
      return first(identifier_seen) && lift_identifier(field.value, out);
    }
    return false;
  });
}

}  // namespace

bool NativeParser::next(Message& out) {
  while (!rest_.empty()) {
    out.clear();
    if (take_entry(out)) return true;
  }
  out.clear();
  return false;
}

bool NativeParser::take_entry(Message& out) {
  Entry entry;
  Field field;
  for (Step step; (step = take_field(field)) != Step::kEntryEnd;) {
    if (step == Step::kField) add(field, entry, out);
  }
  if (entry.too_big) {
    ++counters_.entries_dropped;
    return false;
  }
  if (out.fields.empty()) return false;
  if (entry.names_repeat) collapse_equal(out.fields);
  lift_known(out);
  return true;
}

NativeParser::Step NativeParser::take_field(Field& out) {
  const size_t line_size = rest_.find('\n');
  if (line_size == std::string_view::npos) return end_datagram();
  const std::string_view line = rest_.substr(0, line_size);
  if (line.empty()) {
    rest_.remove_prefix(1);
    return Step::kEntryEnd;
  }
  if (line.front() == '.' || line.front() == '#') {
    rest_.remove_prefix(line_size + 1);
    return Step::kSkipped;
  }
  const size_t valid_size = name_run(line);
  size_t name_size = valid_size;
  if (name_size < line_size && line[name_size] != '=') {
    name_size = std::min(line.find('=', name_size), line_size);
  }
  out.name = line.substr(0, name_size);
  if (name_size < line_size) {
    out.value = line.substr(name_size + 1);
    rest_.remove_prefix(line_size + 1);
  } else if (!take_binary_value(name_size, out.value)) {
    return end_datagram();
  }
  const bool valid = name_size == valid_size && name_size > 0 &&
                     name_size <= logfmt::kFieldNameBytesMax &&
                     out.name.front() != '_' && !is_digit(out.name.front());
  if (!valid) ++counters_.fields_dropped;
  return valid ? Step::kField : Step::kSkipped;
}

// NAME, \n, the size as le64, as many bytes, \n. False when it does not fit.
bool NativeParser::take_binary_value(size_t name_size, std::string_view& out) {
  logfmt::Decoder decoder(rest_.substr(name_size + 1));
  const auto size = decoder.fixed<uint64_t>();
  const std::string_view value = decoder.bytes(size);
  const std::string_view end = decoder.bytes(1);
  if (!decoder.ok() || end != "\n") return false;
  out = value;
  rest_ = decoder.rest();
  return true;
}

NativeParser::Step NativeParser::end_datagram() {
  rest_ = {};
  return Step::kEntryEnd;
}

void NativeParser::add(const Field& field, Entry& entry, Message& out) {
  if (entry.too_big) return;
  entry.bytes += field.name.size() + 1 + field.value.size();
  entry.too_big = entry.bytes > logfmt::kEntryBytesMax ||
                  out.fields.size() == kFieldsPerEntryMax;
  auto seen = entry.names_seen[name_hash(field.name)];
  entry.names_repeat |= seen;
  seen = true;
  out.fields.push_back(field);
}

}  // namespace logd
