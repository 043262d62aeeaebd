// The unit names that a trusted source has ever declared in one store.
//
// An entry without a unit answers to its identifier's name only as long as no
// unit of that name exists (design: "Who said it"). Read from the store when
// first asked for, once. One thread.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "format/field_list.h"
#include "format/store_dir.h"

namespace logq {

// Names beyond this many are not remembered; no honest host has as many.
inline constexpr size_t kDeclaredUnitsMax = 1'000'000;

class DeclaredUnits {
 public:
  // `store` must outlive this.
  explicit DeclaredUnits(const logfmt::StoreDir& store) : store_(&store) {}

  bool contains(std::string_view name);
  const std::set<std::string, std::less<>>& names();
  // What entries declare while they are followed.
  void note(const logfmt::FieldList& context);

 private:
  void load();

  const logfmt::StoreDir* store_;
  bool loaded_ = false;
  std::set<std::string, std::less<>> names_;
};

}  // namespace logq
