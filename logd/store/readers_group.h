// Who may read the store's files besides root: the group "logd", else "adm".
#pragma once

#include "format/store_dir.h"

namespace logd {

// Gives a store that root has just made to that group, so that all files made
// in it are the group's too. A directory that has another group already, or a
// daemon that is not root, is left as it is.
logfmt::Status share_with_readers(const logfmt::StoreDir& store);

}  // namespace logd
