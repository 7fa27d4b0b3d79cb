// What a person typed, after parsing: one value for all commands.
#pragma once

#include <string>
#include <vector>

namespace firebreak {

struct Arguments {
  std::vector<std::string> positional;
  std::string policy;                  // --policy; empty: firebreak.yaml, if there
  std::vector<std::string> hosts;      // --host NAME=URL, URL, or a name of the policy
  std::vector<std::string> snapshots;  // --snapshot FILE
  std::vector<std::string> compose;    // --compose FILE[,FILE…]
  std::string format;
  std::string output;  // -o; empty: standard output
  std::string fail_on;
  std::string fingerprint_key;
  std::string timeout;  // seconds for one request
  std::string jobs;     // hosts asked at once
  bool force = false;
  bool no_kernel = false;
  bool all = false;
  bool explain = false;
  std::string rate;        // probes in a second
  std::string most;        // ports of a pair that are sampled
  bool listeners = false;  // temporary ones
  bool dry_run = false;
  bool quiet = false;
  bool verbose = false;
  bool help = false;
};

}  // namespace firebreak
