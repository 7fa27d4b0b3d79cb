// Base chains that no hook of a program stands for: of bridges, of devices, of ARP.
#pragma once

#include <string>
#include <vector>

#include "rules/nft_document.h"
#include "rules/program.h"

namespace firebreak {

// Whether the chain's hook is one of a Program's.
[[nodiscard]] std::optional<Hook> nft_hook(std::string_view name);
// Whether chains of that table's hooks see packets of the family at the hooks of a Program.
[[nodiscard]] bool nft_counts_for(const NftListedTable& table, Family family);
// Those that packets of the family meet and that could stop or change them, in words.
[[nodiscard]] std::vector<std::string> nft_elsewhere(const NftDocument& document, Family family);

}  // namespace firebreak
