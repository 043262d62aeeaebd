// The unit names that a trusted source has ever declared in one store.
//
// An entry without a unit answers to its identifier's name only as long as no
// unit of that name is declared. Only _SYSTEMD_UNIT declares: it comes from
// root or from the cgroup. Any user may choose a _SYSTEMD_USER_UNIT, which
// must not hide what others log under that name.
//
// Read from the store when first asked for, once. The footer of a sealed
// segment knows in which blocks a unit occurs, but not of which kind it is; so
// the contexts of these blocks are read when that very name is asked for.
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/field_list.h"
#include "query/engine/snapshot.h"

namespace logq {

// Of names and of segments that name them; what is beyond is not remembered.
// No honest host has as many.
inline constexpr size_t kUnitMentionsMax = 1'000'000;

class DeclaredUnits {
 public:
  // `store` must outlive this.
  explicit DeclaredUnits(const logfmt::StoreDir& store) : store_(&store) {}

  bool contains(std::string_view name);
  // All unit names that occur, the users' too: for hints.
  std::vector<std::string> occurring_names();
  // What entries declare while they are followed.
  void note(const logfmt::FieldList& context);

 private:
  struct Unit {
    bool declared = false;
    // Numbers in the snapshot of segments that name it, not looked at yet.
    std::vector<size_t> files{};
  };

  // All of them with the mutex held.
  void load();
  void add(const logfmt::FieldList& context);
  Unit* unit(std::string_view name);
  void look_into(size_t file, std::string_view name);

  const logfmt::StoreDir* store_;
  std::mutex mutex_;
  std::optional<Snapshot> snapshot_;
  bool loaded_ = false;
  std::map<std::string, Unit, std::less<>> units_;
  size_t mentions_ = 0;
};

}  // namespace logq
