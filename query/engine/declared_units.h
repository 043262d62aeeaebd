// The unit names that a trusted source has ever declared in one store.
//
// An entry without a unit answers to its identifier's name only as long as no
// unit of that name is declared. Only _SYSTEMD_UNIT declares: it comes from
// root or from the cgroup. Any user may choose a _SYSTEMD_USER_UNIT, which
// must not hide what others log under that name.
//
// Read from the store when first asked for, once. The footer of a sealed
// segment knows in which blocks a unit occurs, but not of which kind it is; so
// the contexts of these blocks are read when that very name is asked for. One
// thread.
#pragma once

#include <cstdint>
#include <map>
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
  struct Place {
    size_t file;      // of the snapshot
    uint16_t blocks;  // bit n: block n
  };
  struct Unit {
    bool declared = false;
    std::vector<Place> places{};  // not looked at yet
  };

  void load();
  Unit* unit(std::string_view name);
  void look_at(const Place& place);

  const logfmt::StoreDir* store_;
  std::optional<Snapshot> snapshot_;
  bool loaded_ = false;
  std::map<std::string, Unit, std::less<>> units_;
  size_t mentions_ = 0;
};

}  // namespace logq
