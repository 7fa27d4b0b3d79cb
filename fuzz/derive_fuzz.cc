// Any bytes as a snapshot: state is derived for its hosts as engines of every family would set it
// up, and the derived rules are rules.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "derive/derive.h"
#include "rules/ipset.h"
#include "rules/iptables.h"
#include "snapshot/json.h"

namespace {

using namespace firebreak;

void check_rules(const FilterTexts& filters, Family family, std::string_view text) {
  Program program;
  program.family = family;
  CHECK(parse_ipset_save(filters.ipset, "ipset", program).empty());
  CHECK(parse_iptables_save(text, "rules", program).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto snapshot = parse_snapshot(bytes, "fuzz");
  if (!snapshot) return 0;
  for (const Host& host : snapshot->hosts) {
    DaemonOptions options = guess_daemon_options(host);
    for (const char* version : {"20.10.24", "27.5.1", "28.0.0", "28.1.1", "28.5.2", "29"}) {
      options.userland_proxy = !options.userland_proxy;
      options.ip6tables = true;
      const KernelState state = derive_kernel(host, *parse_engine_version(version), options);
      CHECK(state.derived);
      check_rules(state.host.filters, Family::kV4, state.host.filters.iptables_nft);
      check_rules(state.host.filters, Family::kV6, state.host.filters.ip6tables_nft);
    }
    const auto version = derivable_version(host.engine);
    CHECK(version.has_value() || !version.error().what.empty());
  }
  return 0;
}
