// The keys that a configuration file may have: where each stands, how its
// value is read and what is expected of it.
//
// Only logd/config.cc asks for them; what a key means is said beside its
// member of Config. An error has no place in the file yet, only what was wrong
// and what was expected.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "logd/config.h"

namespace logd {

// A value as the file has it.
struct ConfigValue {
  std::string kind{};  // in the words of TOML: "string", "boolean", "array"
  std::variant<std::monostate, bool, int64_t, std::string> content{};
};

struct ConfigKey {
  std::string_view table;
  std::string_view name;
  logfmt::Status (*read)(const ConfigValue&, Config*);
};

// What the tables [unit.NAME] of one name say.
struct UnitTable {
  logfmt::UnitLimit* limit;
  UnitRate* rate;
};

struct UnitKey {
  std::string_view name;
  logfmt::Status (*read)(const ConfigValue&, const UnitTable&);
};

// Keys of one table stand together.
std::span<const ConfigKey> config_keys();
std::span<const UnitKey> unit_keys();

}  // namespace logd
