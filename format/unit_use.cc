#include "format/unit_use.h"

#include <algorithm>
#include <vector>

#include "format/coding.h"

namespace logfmt {
namespace {

std::string text_of(const std::optional<std::string_view>& value) {
  return std::string(value.value_or(""));
}

void encode_use(const Owner& owner, const UnitUse& use, std::string& out) {
  append_fixed(out, owner.kind);
  append_length_prefixed(out, owner.name);
  append_length_prefixed(out, owner.uid);
  append_varint(out, use.rows);
  append_varint(out, use.payload_bytes);
  append_varint(out, use.min_realtime_us);
  append_varint(out, use.max_realtime_us);
}

}  // namespace

Owner owner_of(const FieldList& context) {
  if (const auto unit = context.find(field::kUserUnit)) {
    return {OwnerKind::kUserUnit, std::string(*unit),
            text_of(context.find(field::kUid))};
  }
  if (const auto unit = context.find(field::kUnit)) {
    return {OwnerKind::kUnit, std::string(*unit)};
  }
  if (const auto identifier = context.find(field::kIdentifier)) {
    return {OwnerKind::kIdentifier, std::string(*identifier)};
  }
  return {};
}

void UnitUse::add(const UnitUse& other) {
  rows += other.rows;
  payload_bytes += other.payload_bytes;
  min_realtime_us = std::min(min_realtime_us, other.min_realtime_us);
  max_realtime_us = std::max(max_realtime_us, other.max_realtime_us);
}

void add_uses(UnitUses& uses, const UnitUses& more) {
  for (const auto& [owner, use] : more) uses[owner].add(use);
}

UnitUse total_of(const UnitUses& uses) {
  UnitUse total;
  for (const auto& [owner, use] : uses) total.add(use);
  return total;
}

std::string encode_uses(const UnitUses& uses) {
  UnitUse nobodys;
  std::vector<const std::pair<const Owner, UnitUse>*> owners;
  for (const auto& item : uses) {
    if (item.first.kind == OwnerKind::kNobody) {
      nobodys.add(item.second);
    } else {
      owners.push_back(&item);
    }
  }
  if (owners.size() >= kOwnersPerSegmentMax) {
    const auto cut =
        owners.begin() + static_cast<std::ptrdiff_t>(kOwnersPerSegmentMax - 1);
    std::nth_element(owners.begin(), cut, owners.end(),
                     [](const auto* a, const auto* b) {
                       return a->second.payload_bytes > b->second.payload_bytes;
                     });
    std::for_each(cut, owners.end(),
                  [&](const auto* item) { nobodys.add(item->second); });
    owners.erase(cut, owners.end());
  }
  std::string out;
  append_varint(out, owners.size() + 1);
  encode_use({}, nobodys, out);
  for (const auto* item : owners) encode_use(item->first, item->second, out);
  return out;
}

std::optional<UnitUses> decode_uses(std::string_view bytes) {
  Decoder in(bytes);
  UnitUses uses;
  const uint64_t count = in.varint();
  if (count > kOwnersPerSegmentMax) return std::nullopt;
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    Owner owner{.kind = in.fixed<OwnerKind>()};
    owner.name = in.length_prefixed();
    owner.uid = in.length_prefixed();
    UnitUse use{.rows = in.varint(), .payload_bytes = in.varint()};
    use.min_realtime_us = in.varint();
    use.max_realtime_us = in.varint();
    if (in.ok()) uses[owner].add(use);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return uses;
}

void UnitTally::add(const EntryView& entry) {
  const auto context = entry.context.encoded();
  if (last_ == nullptr || last_->first != context) {
    last_ = &*by_context_.try_emplace(std::string(context)).first;
  }
  last_->second.add({.rows = 1,
                     .payload_bytes = entry.payload.encoded().size(),
                     .min_realtime_us = entry.realtime_us,
                     .max_realtime_us = entry.realtime_us});
}

UnitUses UnitTally::take() {
  UnitUses uses;
  for (const auto& [context, use] : by_context_) {
    uses[owner_of(FieldList(context))].add(use);
  }
  by_context_.clear();
  last_ = nullptr;
  return uses;
}

}  // namespace logfmt
