#include "logd/keeper/descriptor_store.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace logd {
namespace {

constexpr std::array<uint64_t, 2> kZoneId{1, 0};

// Of places that were ever used; a dead worker may have left any number.
size_t stream_places(const LandingZone& zone) {
  return std::min<size_t>(zone.state().stream_places, kStreamPlaces);
}

void insert_sorted(std::vector<StoredDescriptor>& all,
                   const StoredDescriptor& one) {
  all.insert(std::lower_bound(all.begin(), all.end(), one), one);
}

}  // namespace

std::vector<StoredDescriptor> worth_storing(LandingZone& zone) {
  std::vector<StoredDescriptor> wanted{{zone.fd(), kZoneId}};
  for (const HeldSocket& socket : zone.state().sockets) {
    if (socket.fd < 0) continue;
    wanted.push_back({socket.fd, {socket.device, socket.inode}});
  }
  for (size_t place = 0; place < stream_places(zone); ++place) {
    const StreamHead& head = zone.stream(place);
    if (head.held == 0 || head.fd < 0) continue;
    StoredDescriptor stream{.number = head.fd};
    static_assert(sizeof stream.id == sizeof head.id);
    std::memcpy(stream.id.data(), head.id.data(), sizeof stream.id);
    wanted.push_back(stream);
  }
  std::sort(wanted.begin(), wanted.end());
  return wanted;
}

StoreChange change_between(std::span<const StoredDescriptor> stored,
                           std::span<const StoredDescriptor> wanted) {
  StoreChange change;
  std::set_difference(stored.begin(), stored.end(), wanted.begin(),
                      wanted.end(), std::back_inserter(change.removed));
  std::set_difference(wanted.begin(), wanted.end(), stored.begin(),
                      stored.end(), std::back_inserter(change.added));
  return change;
}

bool DescriptorStore::update() {
  if (!exists()) return true;
  const StoreChange change = change_between(stored_, worth_storing(zone_));
  return std::all_of(change.removed.begin(), change.removed.end(),
                     [this](const auto& one) { return remove(one); }) &&
         std::all_of(change.added.begin(), change.added.end(),
                     [this](const auto& one) { return send(one); });
}

bool DescriptorStore::remove(const StoredDescriptor& descriptor) {
  const auto status = manager_.try_send(
      "FDSTOREREMOVE=1\nFDNAME=" + std::string(kStoredPrefix) +
      std::to_string(descriptor.number));
  if (!status && Notifier::is_busy(status.error())) return false;
  std::erase(stored_, descriptor);
  return true;
}

// FDPOLL=0: the manager would close a stream whose client has gone, with its
// last lines in it.
bool DescriptorStore::send(const StoredDescriptor& descriptor) {
  const auto status = manager_.try_send(
      "FDSTORE=1\nFDPOLL=0\nFDNAME=" + std::string(kStoredPrefix) +
          std::to_string(descriptor.number),
      descriptor.number);
  if (!status && Notifier::is_busy(status.error())) return false;
  // One that was closed meanwhile counts as sent: it will be found missing.
  insert_sorted(stored_, descriptor);
  return true;
}

}  // namespace logd
