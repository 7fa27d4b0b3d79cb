// The docker command line's folder: config.json, and the store of contexts.
#pragma once

#include <string>

#include "base/error.h"
#include "io/system.h"

namespace firebreak {

struct DockerContext {
  std::string host;  // a URL; may be empty: the default socket
  bool skip_verify = false;
  // Files that are there; "" for those that are not.
  std::string ca;
  std::string cert;
  std::string key;
};

// "~/x" in the home folder; everything else as it is.
[[nodiscard]] std::string expand_home(const std::string& path, const GetEnv& env);
// $DOCKER_CONFIG, else ~/.docker; "" if neither is known.
[[nodiscard]] std::string docker_folder(const GetEnv& env);
// currentContext of config.json; "" if there is no such file or setting. kBadData if it is broken.
[[nodiscard]] Result<std::string> current_context(Files& files, const std::string& folder);
// kUsage if there is none of that name (with the nearest name), kBadData if its files are broken.
[[nodiscard]] Result<DockerContext> load_context(const std::string& name, Files& files,
                                                 const std::string& folder);

}  // namespace firebreak
