// The sections of firebreak.yaml, one function each. They are read in this order: later ones refer
// to names that earlier ones declare.
#pragma once

#include <string_view>

#include "policy/reader.h"

namespace firebreak {

struct Draft {
  Policy policy;
  Names hosts;
  Names environments;
  Names masks;
  // A snapshot may hold hosts that the policy does not name, and without `hosts` any may come.
  bool more_hosts = true;
  // Without `environments` they are inferred; only some names are possible then.
  bool inferred = true;
};

void read_hosts(Reader& reader, const YamlNode& node, Draft& draft);
void read_masks(Reader& reader, const YamlNode& node, Draft& draft);
void read_environments(Reader& reader, const YamlNode& node, Draft& draft);
void read_shared(Reader& reader, const YamlNode& node, Draft& draft);
void read_require(Reader& reader, const YamlNode& node, Draft& draft);
void read_zones(Reader& reader, const YamlNode& node, Draft& draft);
void read_systems(Reader& reader, const YamlNode& node, Draft& draft);
void read_databases(Reader& reader, const YamlNode& node, Draft& draft);
void read_waivers(Reader& reader, const YamlNode& node, Draft& draft);
void read_audit(Reader& reader, const YamlNode& node, Draft& draft);

// A list of selectors: `match` of an environment or of a shared service.
[[nodiscard]] std::vector<Selector> read_match(Reader& reader, const YamlNode& node,
                                               const Draft& draft);
// Reports a name that no environment has.
bool check_environment(Reader& reader, const YamlNode& node, std::string_view name,
                       const Draft& draft);
// Reports a host that cannot exist; patterns are not looked at.
void check_host(Reader& reader, const YamlNode& node, std::string_view name, const Draft& draft);

}  // namespace firebreak
