// Values that hold whole documents: JSON, lines of "name: value" or "NAME=value", .pgpass.
#pragma once

#include <functional>
#include <string_view>

#include "secret/harvest.h"

namespace firebreak {

// Called for each name and value found; scans the value in its turn.
using ScanPart = std::function<void(std::string_view name, std::string_view value)>;

// Each says whether the text was of its form. Linear; nested documents are not entered by depth but
// walked flat, so depth costs nothing.
bool read_json(std::string_view text, Harvest& out, const ScanPart& part);
bool read_lines(std::string_view text, Harvest& out, const ScanPart& part);

// "user:password" in base64, as Docker and HTTP Basic write it: the password.
bool read_basic_auth(std::string_view base64, Harvest& out);

}  // namespace firebreak
