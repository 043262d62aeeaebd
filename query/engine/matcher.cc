#include "query/engine/matcher.h"

#include <algorithm>
#include <charconv>

namespace logq {
namespace {

using logfmt::FieldList;

constexpr std::string_view kKernelTransport = "kernel";
constexpr unsigned kFacilities = 24;

}  // namespace

logfmt::Result<Matcher> Matcher::compile(const Query& query,
                                         std::optional<logfmt::Id128> boot,
                                         DeclaredUnits& units) {
  auto text = TextMatcher::compile(query.text);
  if (!text) return logfmt::fail(std::move(text.error()));
  return Matcher(query, boot, std::move(*text), units);
}

Matcher::Matcher(const Query& query, std::optional<logfmt::Id128> boot,
                 TextMatcher text, DeclaredUnits& units)
    : units_(query.units),
      identifiers_(query.identifiers),
      pruning_(query),
      priority_mask_(query.priority_mask),
      facility_mask_(query.facility_mask),
      since_us_(query.since_us),
      until_us_(query.until_us),
      after_seq_(query.after_seq),
      kernel_only_(query.kernel_only),
      boot_(boot),
      fields_(query.groups),
      text_(std::move(text)),
      declared_(&units) {}

bool Matcher::wants_block(const logfmt::BlockHeader& header) const {
  return header.last_seq > after_seq_ && header.max_realtime_us >= since_us_ &&
         header.min_realtime_us <= until_us_ &&
         (header.priority_mask & priority_mask_) != 0 &&
         (header.several_boots || wants_boot(header.boot)) &&
         pruning_.may_match(header);
}

bool Matcher::wants_all_rows(const logfmt::BlockHeader& header) const {
  return header.first_seq > after_seq_ && header.min_realtime_us >= since_us_ &&
         header.max_realtime_us <= until_us_ &&
         (header.priority_mask & ~priority_mask_) == 0 &&
         !(header.several_boots && boot_);
}

Truth Matcher::judge_context(const FieldList& context) const {
  if (kernel_only_ &&
      context.find(logfmt::field::kTransport) != kKernelTransport) {
    return Truth::kNo;
  }
  if (!unit_passes(context) || !identifier_passes(context) ||
      !facility_passes(context)) {
    return Truth::kNo;
  }
  return fields_.judge_context(context);
}

bool Matcher::names_pass(const std::vector<std::string>& names) const {
  const auto any = [&](auto&& test) {
    return std::any_of(names.begin(), names.end(), test);
  };
  if (any([&](const auto& name) { return units_.excludes(name); })) {
    return false;
  }
  return !units_.selects() ||
         any([&](const auto& name) { return units_.includes(name); });
}

bool Matcher::unit_passes(const FieldList& context) const {
  if (units_.empty()) return true;
  std::vector<std::string> names;
  for (const auto field : {logfmt::field::kUnit, logfmt::field::kUserUnit}) {
    if (const auto name = context.find(field)) names.emplace_back(*name);
  }
  if (names.empty()) {
    add_names_of(context.find(logfmt::field::kIdentifier), names);
  }
  if (context.find(logfmt::field::kTransport) == logfmt::kOwnTransport) {
    add_object(context, names);
  }
  return names_pass(names);
}

// An entry that no unit claims answers to its identifier's name, unless there
// is a unit of that name somewhere: then its text must not pass for the unit's.
void Matcher::add_names_of(std::optional<std::string_view> identifier,
                           std::vector<std::string>& names) const {
  if (!identifier) return;
  for (const std::string_view suffix : {std::string_view(), kServiceSuffix}) {
    std::string name = std::string(*identifier).append(suffix);
    const bool asked_for = units_.includes(name) || units_.excludes(name);
    if (asked_for && !declared_->contains(name)) {
      names.push_back(std::move(name));
    }
  }
}

// What logd tells of a unit, such as how much of it was dropped, is read where
// the unit's own entries are.
void Matcher::add_object(const FieldList& context,
                         std::vector<std::string>& names) const {
  const auto object = context.find(logfmt::field::kObjectUnit);
  if (context.find(logfmt::field::kObjectUnitFrom) == logfmt::kFromIdentifier) {
    add_names_of(object, names);
  } else if (object) {
    names.emplace_back(*object);
  }
}

bool Matcher::identifier_passes(const FieldList& context) const {
  if (identifiers_.empty()) return true;
  const auto identifier = context.find(logfmt::field::kIdentifier);
  if (!identifier) return !identifiers_.selects();
  return !identifiers_.excludes(*identifier) &&
         (!identifiers_.selects() || identifiers_.includes(*identifier));
}

bool Matcher::facility_passes(const FieldList& context) const {
  if (facility_mask_ == 0) return true;
  const auto text = context.find(logfmt::field::kFacility);
  if (!text) return false;
  unsigned facility = kFacilities;
  const char* const end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, facility);
  return parsed.ec == std::errc{} && parsed.ptr == end &&
         facility < kFacilities && (facility_mask_ >> facility & 1) != 0;
}

bool Matcher::wants_row(uint64_t seq, uint64_t realtime_us,
                        uint8_t priority) const {
  return seq > after_seq_ && realtime_us >= since_us_ &&
         realtime_us <= until_us_ && (priority_mask_ >> priority & 1) != 0;
}

bool Matcher::matches(const logfmt::EntryView& entry, Truth context) const {
  if (context == Truth::kMaybe && !fields_.matches(entry)) return false;
  return text_.matches(entry.payload);
}

}  // namespace logq
