// The families of the code table, one file each. Use findings/code.h; this is its inside.
#pragma once

#include <span>

#include "findings/code.h"

namespace firebreak {

[[nodiscard]] std::span<const CodeInfo> host_codes();
[[nodiscard]] std::span<const CodeInfo> network_codes();
[[nodiscard]] std::span<const CodeInfo> credential_codes();
[[nodiscard]] std::span<const CodeInfo> registry_codes();
[[nodiscard]] std::span<const CodeInfo> data_codes();
[[nodiscard]] std::span<const CodeInfo> audit_codes();

}  // namespace firebreak
