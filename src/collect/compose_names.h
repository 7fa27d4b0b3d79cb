// What compose projects are called.
#pragma once

#include <string>
#include <vector>

#include "collect/compose.h"
#include "collect/json.h"

namespace firebreak {

// The name that the tool gives the project. v2 prints it in its `config`; v1 does not, so it is
// worked out as v1 does: from COMPOSE_PROJECT_NAME, the .env file beside the first compose file, or
// that file's folder.
[[nodiscard]] std::string project_name(const Json& config, const ComposeProject& project,
                                       Files& files, const GetEnv& env);

// What tells projects of one name apart, one text for each, all different: their files ("prod" for
// docker-compose.prod.yml), else the folders above theirs, else numbers.
[[nodiscard]] std::vector<std::string> differences(
    const std::vector<const ComposeProject*>& projects);

}  // namespace firebreak
