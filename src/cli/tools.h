// The outside world as commands see it. The real one is made in main.cc; tests pass scripted parts.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>

#include "collect/endpoint.h"
#include "io/machine.h"
#include "io/system.h"

namespace firebreak {

struct Tools {
  Files& files;
  Processes& processes;
  Machine& machine;
  Clock& clock;
  GetEnv env;
  Randomness random;
  std::function<Result<std::unique_ptr<HttpClient>>(const EngineEndpoint&, HttpLimits)> connect;
  std::ostream& out;  // the result
  std::ostream& err;  // the talk: progress, warnings, errors
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

}  // namespace firebreak
