// The words for places in which a secret stands, for CRED001 and CRED006. Private to checks/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/support.h"
#include "estate/estate.h"
#include "findings/finding.h"

namespace firebreak {

// "password", "API key": for titles.
[[nodiscard]] std::string_view noun_of(SecretKind kind);
// "guessable password", "stripe API key", "aws access key (account 123456789012)": what may be
// said.
[[nodiscard]] std::string describe(const Secret& secret);

// kind "variable", "label" or "command"; the name is "api DATABASE_URL".
[[nodiscard]] Subject subject_of(const Estate& estate, const SecretPlace& place);
// "development/api DATABASE_URL", for hops.
[[nodiscard]] std::string display_name(const Estate& estate, const SecretPlace& place);
// For fingerprints.
[[nodiscard]] std::string stable_name(const Estate& estate, const SecretPlace& place);
// How the values get out of the definitions: a remedy for each workload of the places, which are
// sorted.
[[nodiscard]] std::vector<Remedy> removals(const Estate& estate,
                                           const std::vector<SecretPlace>& places);
// The names of the places, each once, sorted: "DATABASE_URL, label traefik.auth and 2 more".
[[nodiscard]] std::string listed_names(const std::vector<SecretPlace>& places);

}  // namespace firebreak
