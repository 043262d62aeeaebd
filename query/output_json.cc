// Nearly all entries have no field twice, and then each can be printed where
// it is met; the members of a context are even printed only once. Whether a
// name may have been seen already is told by one bit per name in a word of 64:
// a bit that is not set is a proof, a bit that is set asks for a comparison.

#include "query/output_json.h"

#include <algorithm>

#include "query/cursor.h"
#include "query/digits.h"
#include "query/printable.h"

namespace logq {
namespace {

constexpr size_t kNullBytes = 4096;
// With more fields than this, sorting finds repetitions faster than comparing.
constexpr size_t kComparedFieldsMax = 16;
// Above what any of Keys takes.
constexpr size_t kKeyRoom = 48;

// All that stands for an entry before its first field: four keys, the cursor,
// the times and the boot id.
constexpr size_t kIdentityRoom =
    kCursorRoom + 2 * kNumberRoom + kIdRoom + 4 * kKeyRoom;

uint64_t at_byte(std::string_view text, size_t at) {
  return static_cast<uint8_t>(text[at]);
}

uint64_t name_bit(std::string_view name) {
  // Names begin alike; their length and three of their bytes tell most apart.
  // Fibonacci hashing: the upper bits of the product are well mixed.
  const uint64_t key = name.size() | at_byte(name, name.size() / 2) << 8 |
                       at_byte(name, name.size() - 1) << 16 |
                       at_byte(name, name.size() / 4) << 24;
  return uint64_t{1} << (key * 0x9E37'79B9'7F4A'7C15 >> 58);
}

// `key` reaches to the quote in front of the digits.
void append_digits(std::string& out, std::string_view key, uint64_t value) {
  char text[kKeyRoom + kNumberRoom + 1];
  char* const end = write_number(write_text(text, key), value);
  *end = '"';
  out.append(text, end + 1);
}

void append_unicode_escape(std::string& out, char32_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto append_unit = [&out](uint32_t unit) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
      out += kDigits[unit >> shift & 15];
    }
  };
  if (value < 0x10000) {
    append_unit(value);
    return;
  }
  append_unit(0xD800 + ((value - 0x10000) >> 10));
  append_unit(0xDC00 + ((value - 0x10000) & 0x3FF));
}

}  // namespace

JsonPrinter::JsonPrinter(const OutputOptions& options)
    : layout_(layout_of(options.format)),
      keys_(keys_of(layout_)),
      fields_(options.fields),
      all_(options.text.all),
      terminal_(options.text.terminal) {}

JsonPrinter::Layout JsonPrinter::layout_of(OutputFormat format) {
  switch (format) {
    case OutputFormat::kJsonPretty:
      return {"{\n\t", ",\n\t", " : ", "\n}\n", true};
    case OutputFormat::kJsonSse:
      return {"data: {", ",", ":", "}\n\n", false};
    case OutputFormat::kJsonSeq:
      return {"\x1e{", ",", ":", "}\n", false};
    default:
      return {"{", ",", ":", "}\n", false};
  }
}

JsonPrinter::Keys JsonPrinter::keys_of(const Layout& layout) {
  const auto key = [&layout](std::string_view before, std::string_view name,
                             std::string_view after) {
    std::string text(before);
    text += '"';
    text += name;
    text += '"';
    text += layout.colon;
    text += after;
    return text;
  };
  const std::string next = '"' + std::string(layout.separator);
  return {.cursor = key(layout.begin, "__CURSOR", "\""),
          .realtime = key(next, "__REALTIME_TIMESTAMP", "\""),
          .monotonic = key(next, "__MONOTONIC_TIMESTAMP", "\""),
          .boot_id = key(next, logfmt::field::kBootId, "\""),
          .priority = key(layout.separator, logfmt::field::kPriority, "\""),
          .message = key(layout.separator, logfmt::field::kMessage, ""),
          .pid = key(layout.separator, logfmt::field::kPid, "\""),
          .source_realtime = key(layout.separator, kSourceRealtimeField, "\"")};
}

void JsonPrinter::print(const EntryRecord& record, std::string& out) {
  const logfmt::EntryView& entry = record.entry;
  const Context& context = contexts_.get(
      entry.context,
      [this](const logfmt::FieldList& fields) { return context_of(fields); });
  append_identity(out, record);
  if (repeats(entry, context)) {
    append_grouped(out, entry);
  } else {
    append_singles(out, entry, context);
  }
  out += layout_.end;
}

JsonPrinter::Context JsonPrinter::context_of(
    const logfmt::FieldList& fields) const {
  Context context;
  for (const logfmt::Field& field : fields) {
    const uint64_t bit = name_bit(field.name);
    if ((context.names & bit) != 0) {
      const auto first = fields.find(field.name);
      context.repeats |= first->data() != field.value.data();
    }
    context.names |= bit;
    if (field.name == logfmt::field::kTransport) {
      context.stamped = has_source_realtime(field.value);
    }
    append_member(context.members, field);
  }
  return context;
}

bool JsonPrinter::repeats(const logfmt::EntryView& entry,
                          const Context& context) const {
  if (context.repeats) return true;
  uint64_t names = context.names;
  if (has_priority(entry)) {
    names |= name_bit(logfmt::field::kPriority);
  }
  size_t count = 0;
  for (const logfmt::Field& field : entry.payload) {
    if (++count > kComparedFieldsMax) return true;
    const uint64_t bit = name_bit(field.name);
    if ((names & bit) != 0) {
      if (field.name == logfmt::field::kPriority) return true;
      if (entry.context.find(field.name)) return true;
      const auto first = entry.payload.find(field.name);
      if (first->data() != field.value.data()) return true;
    }
    names |= bit;
  }
  return false;
}

void JsonPrinter::append_identity(std::string& out,
                                  const EntryRecord& record) const {
  const logfmt::EntryView& entry = record.entry;
  char text[kIdentityRoom];
  char* at = write_cursor(write_text(text, keys_.cursor), cursor_of(record));
  at = write_number(write_text(at, keys_.realtime), entry.realtime_us);
  at = write_number(write_text(at, keys_.monotonic), entry.monotonic_us);
  at = write_id(write_text(at, keys_.boot_id), entry.boot_id);
  *at = '"';
  out.append(text, at + 1);
}

void JsonPrinter::append_singles(std::string& out,
                                 const logfmt::EntryView& entry,
                                 const Context& context) const {
  if (has_priority(entry) && is_wanted(fields_, logfmt::field::kPriority)) {
    append_digits(out, keys_.priority, entry.priority);
  }
  for (const logfmt::Field& field : entry.payload) append_member(out, field);
  if (has_pid(entry) && is_wanted(fields_, logfmt::field::kPid)) {
    append_digits(out, keys_.pid, entry.pid);
  }
  out += context.members;
  if (context.stamped && is_wanted(fields_, kSourceRealtimeField)) {
    append_digits(out, keys_.source_realtime, entry.realtime_us);
  }
}

void JsonPrinter::append_grouped(std::string& out,
                                 const logfmt::EntryView& entry) {
  const RecordFields fields(entry);
  sorted_.clear();
  fields.for_each([&](const logfmt::Field& field) {
    if (is_wanted(fields_, field.name)) sorted_.push_back(field);
  });
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [](const logfmt::Field& a, const logfmt::Field& b) {
                     return a.name < b.name;
                   });
  for (auto begin = sorted_.begin(); begin != sorted_.end();) {
    const auto end = std::find_if(
        begin, sorted_.end(),
        [&](const logfmt::Field& field) { return field.name != begin->name; });
    append_group(out, {begin, end});
    begin = end;
  }
  sorted_.clear();  // the views end with this entry
}

void JsonPrinter::append_group(std::string& out,
                               std::span<const logfmt::Field> group) const {
  if (group.size() == 1) {
    append_member(out, group.front());
    return;
  }
  append_key(out, group.front().name);
  char before = '[';
  for (const logfmt::Field& field : group) {
    out += before;
    append_break(out, 2);
    append_value(out, field, 2);
    before = ',';
  }
  append_break(out, 1);
  out += ']';
}

void JsonPrinter::append_member(std::string& out,
                                const logfmt::Field& field) const {
  if (!is_wanted(fields_, field.name)) return;
  append_key(out, field.name);
  append_value(out, field, 1);
}

void JsonPrinter::append_key(std::string& out, std::string_view name) const {
  if (name == logfmt::field::kMessage) {
    out += keys_.message;
    return;
  }
  out += layout_.separator;
  append_string(out, name, plain_json_prefix(name));
  out += layout_.colon;
}

void JsonPrinter::append_value(std::string& out, const logfmt::Field& field,
                               size_t depth) const {
  const std::string_view value = field.value;
  if (!all_ && field.name.size() + 1 + value.size() >= kNullBytes) {
    out += "null";
    return;
  }
  const size_t plain = plain_json_prefix(value);
  if (is_printable(value.substr(plain))) {
    append_string(out, value, plain);
  } else {
    append_bytes(out, value, depth);
  }
}

void JsonPrinter::append_bytes(std::string& out, std::string_view bytes,
                               size_t depth) const {
  char before = '[';
  for (const char c : bytes) {
    out += before;
    append_break(out, depth + 1);
    append_number(out, static_cast<uint8_t>(c));
    before = ',';
  }
  append_break(out, depth);
  out += ']';
}

void JsonPrinter::append_string(std::string& out, std::string_view text,
                                size_t plain) const {
  out += '"';
  for (;;) {
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const CodePoint next = decode_utf8(text);
    if (next.value == '"' || next.value == '\\') {
      const char escape[] = {'\\', text.front()};
      out.append(escape, sizeof escape);
    } else if (next.value == '\n') {
      out += "\\n";
    } else if (next.value == '\t') {
      out += "\\t";
    } else if (next.value < 0x20 || (terminal_ && is_deceptive(next.value))) {
      append_unicode_escape(out, next.value);
    } else {
      out.append(text.data(), next.bytes);
    }
    text.remove_prefix(std::max<size_t>(next.bytes, 1));
    plain = plain_json_prefix(text);
  }
  out += '"';
}

void JsonPrinter::append_break(std::string& out, size_t depth) const {
  if (!layout_.pretty) return;
  out += '\n';
  out.append(depth, '\t');
}

}  // namespace logq
