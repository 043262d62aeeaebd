// What the service manager keeps for logd, so that it outlives the keeper too:
// sockets, streams and the landing zone (sd_notify(3), FDSTORE=1).
//
// Each has the name "logd-" and its number, for it has to have that number
// again when it comes back. They are sent from the one table of descriptors
// that keeper and worker share; the worker has no part in it and never waits.
// Nor does the keeper: what the manager does not take at once is sent later.
//
// What the zone says may change while it is read. Then something wrong may be
// sent, which the next look sees: the worker announces each change. Who takes
// the descriptors back (returned_descriptors.h) believes no name.
//
// Without a manager nothing is done.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/result.h"
#include "logd/notify.h"
#include "logd/zone/landing_zone.h"

namespace logd {

inline constexpr std::string_view kStoredPrefix = "logd-";

struct StoredDescriptor {
  int number = -1;
  // Tells it from another one that has had the number. All zeros is none of
  // the zone's.
  std::array<uint64_t, 2> id{};

  auto operator<=>(const StoredDescriptor&) const = default;
};

// What the zone holds and is worth keeping, in order; not the lock, which a
// new keeper takes by itself.
std::vector<StoredDescriptor> worth_storing(LandingZone& zone);

// How to come from one to the other; both are in order.
struct StoreChange {
  std::vector<StoredDescriptor> removed{};  // before anything is added
  std::vector<StoredDescriptor> added{};
};
StoreChange change_between(std::span<const StoredDescriptor> stored,
                           std::span<const StoredDescriptor> wanted);

class DescriptorStore {
 public:
  // `stored`: what the manager has already, in order.
  DescriptorStore(LandingZone& zone, const Notifier& manager,
                  std::vector<StoredDescriptor> stored)
      : zone_(zone), manager_(manager), stored_(std::move(stored)) {}

  // Tells the manager what has changed. False when it took only a part.
  bool update();
  bool exists() const { return manager_.fd() >= 0; }

 private:
  bool send(const StoredDescriptor& descriptor);
  bool remove(const StoredDescriptor& descriptor);

  LandingZone& zone_;
  const Notifier& manager_;
  std::vector<StoredDescriptor> stored_;
};

// A zone that was there before the keeper, and what the manager may have.
struct TakenZone {
  LandingZone zone;
  std::vector<StoredDescriptor> stored{};
  std::vector<std::string> notes{};  // for a person
};

}  // namespace logd
