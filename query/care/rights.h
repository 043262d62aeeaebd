// Who may remove entries: root and the owner of the store.
#pragma once

#include "format/store_dir.h"

namespace logq {

// Said before anything is read, rather than when the first file resists.
logfmt::Status check_owner(const logfmt::StoreDir& store);

}  // namespace logq
