// How much each unit may log, so that none takes the store from the others.
//
// Two leaky buckets, of messages and of bytes, for each owner (a unit, a user's
// unit, or a user's identifier where there is no unit) and each class of
// priorities: err, warning, notice with info, debug. A burst of `rate` messages
// passes at once, and then `rate` in each span `per`. The classes are
// journald's and have a bucket each, so that a flood of debug messages does not
// cost a unit its errors; emerg, alert and crit always pass. Where the bytes
// have a bucket, a message passes as long as that is not full, so that even one
// that is larger than the bucket passes in time.
//
// What does not pass the caller counts (logd/store/drop_table.h): groups are
// forgotten, the least recently used first, when there are kRateGroupsMax, and
// counts must not be. One thread; after the first message of an owner nothing
// is allocated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "format/unit_use.h"
#include "logd/config.h"

namespace logd {

inline constexpr size_t kRateGroupsMax = 2048;
// Longer names share the group of those that begin alike.
inline constexpr size_t kRateNameBytesMax = 255;
// For each message of the rate where the configuration says no bytes: well
// above what text needs, and still a limit on lines of 48 KiB.
inline constexpr uint64_t kRateBytesPerMessage = 4096;

// Whose bucket an entry with these trusted fields fills. Anybody may use any
// identifier, so that each user's are apart: nobody spends what is another's.
logfmt::Owner rate_owner_of(const logfmt::FieldList& context);

struct RateArrival {
  uint8_t priority = 0;  // 0-7 or kNoPriority
  size_t bytes = 0;      // of the client's fields
  uint64_t now_us = 0;   // of a clock that does not step back
};

class RateLimiter {
  struct Group;
  using Groups = std::list<Group>;

 public:
  // Where an owner's group was last; kept with the sender's context it saves
  // the search. It may outlive the group, not the limiter.
  class Place {
    friend class RateLimiter;
    Groups::iterator group{};
    uint64_t generation = 0;  // that of no group
  };

  explicit RateLimiter(LimitsConfig config) : config_(std::move(config)) {}
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;

  // Whether the message may be stored. `place` belongs to the owner and is
  // brought up to date.
  bool admit(const logfmt::Owner& owner, const RateArrival& arrival,
             Place& place);

  // What groups have used stays used.
  void set_config(LimitsConfig config);
  size_t groups() const { return groups_.size(); }

 private:
  static constexpr size_t kClasses = 4;

  struct Bucket {
    double messages = 0;  // used, of the limit
    double bytes = 0;
    uint64_t updated_us = 0;
  };
  struct Limit {
    double messages = 0;
    double bytes = 0;
  };
  struct Group {
    logfmt::Owner owner{};
    uint64_t generation = 0;
    Limit limit{};
    std::array<Bucket, kClasses> buckets{};
  };
  struct OwnerHash {
    size_t operator()(const logfmt::Owner& owner) const;
  };

  Groups::iterator find(const logfmt::Owner& owner);
  Groups::iterator make(const logfmt::Owner& owner);
  Limit limit_of(const logfmt::Owner& owner) const;
  bool take(Bucket& bucket, const Limit& limit, const RateArrival& arrival);

  LimitsConfig config_;
  Groups groups_;  // the last used first; members are reused, never freed
  std::unordered_map<logfmt::Owner, Groups::iterator, OwnerHash> index_;
  uint64_t generation_ = 0;
};

}  // namespace logd
