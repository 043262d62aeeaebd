#include "logd/identity/rate_limiter.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "format/entry.h"
#include "format/unit_limits.h"

namespace logd {
namespace {

using logfmt::Owner;

constexpr uint8_t kExemptPriority = 2;  // crit

// journald's classes below those that are exempt; no priority counts as info.
constexpr std::array<uint8_t, 9> kClassOf{0, 0, 0, 0, 1, 2, 2, 3, 2};
static_assert(kClassOf.size() == logfmt::kNoPriority + 1);

}  // namespace

Owner rate_owner_of(const logfmt::FieldList& context) {
  Owner owner = logfmt::owner_of(context);
  if (owner.kind != logfmt::OwnerKind::kUnit) {
    owner.uid = context.find(logfmt::field::kUid).value_or("");
  }
  return owner;
}

size_t RateLimiter::OwnerHash::operator()(const Owner& owner) const {
  constexpr size_t kOdd = 0x9E37'79B9'7F4A'7C15;
  const std::hash<std::string_view> hash;
  return (hash(owner.name) + static_cast<size_t>(owner.kind)) * kOdd +
         hash(owner.uid);
}

bool RateLimiter::admit(const Owner& owner, const RateArrival& arrival,
                        Place& place) {
  if (arrival.priority <= kExemptPriority) return true;
  if (place.generation == 0 || place.generation != place.group->generation) {
    place.group = find(owner);
    place.generation = place.group->generation;
  }
  if (place.group != groups_.begin()) {
    groups_.splice(groups_.begin(), groups_, place.group);
  }
  Group& group = *place.group;
  if (group.limit.messages == 0) return true;
  const size_t index = std::min<size_t>(arrival.priority, logfmt::kNoPriority);
  return take(group.buckets[kClassOf[index]], group.limit, arrival);
}

bool RateLimiter::take(Bucket& bucket, const Limit& limit,
                       const RateArrival& arrival) {
  if (arrival.now_us > bucket.updated_us) {
    const double share =
        static_cast<double>(arrival.now_us - bucket.updated_us) /
        static_cast<double>(config_.per.count());
    bucket.messages = std::max(0.0, bucket.messages - share * limit.messages);
    bucket.bytes = std::max(0.0, bucket.bytes - share * limit.bytes);
    bucket.updated_us = arrival.now_us;
  }
  if (bucket.messages + 1 > limit.messages) return false;
  if (limit.bytes > 0) {
    if (bucket.bytes >= limit.bytes) return false;
    bucket.bytes += static_cast<double>(arrival.bytes);
  }
  bucket.messages += 1;
  return true;
}

RateLimiter::Groups::iterator RateLimiter::find(const Owner& owner) {
  if (owner.name.size() > kRateNameBytesMax) {
    Owner cut = owner;
    cut.name.resize(kRateNameBytesMax);
    return find(cut);
  }
  const auto known = index_.find(owner);
  return known == index_.end() ? make(owner) : known->second;
}

RateLimiter::Groups::iterator RateLimiter::make(const Owner& owner) {
  if (groups_.size() < kRateGroupsMax) {
    groups_.emplace_front();
  } else {
    index_.erase(groups_.back().owner);
    groups_.splice(groups_.begin(), groups_, std::prev(groups_.end()));
  }
  groups_.front() = {
      .owner = owner, .generation = ++generation_, .limit = limit_of(owner)};
  index_.emplace(owner, groups_.begin());
  return groups_.begin();
}

RateLimiter::Limit RateLimiter::limit_of(const Owner& owner) const {
  const auto unit = std::find_if(
      config_.units.begin(), config_.units.end(), [&](const UnitRate& row) {
        return logfmt::fits_owner(row.pattern, owner);
      });
  uint64_t messages = config_.rate;
  std::optional<uint64_t> bytes = config_.rate_bytes;
  if (unit != config_.units.end()) {
    messages = unit->rate.value_or(messages);
    if (unit->rate_bytes) bytes = unit->rate_bytes;
  }
  return {static_cast<double>(messages),
          static_cast<double>(bytes.value_or(messages * kRateBytesPerMessage))};
}

void RateLimiter::set_config(LimitsConfig config) {
  config_ = std::move(config);
  for (Group& group : groups_) {
    group.limit = limit_of(group.owner);
    for (Bucket& bucket : group.buckets) {
      // Or what was allowed before would have to be waited for.
      bucket.messages = std::min(bucket.messages, group.limit.messages);
      bucket.bytes = std::min(bucket.bytes, group.limit.bytes);
    }
  }
}

}  // namespace logd
