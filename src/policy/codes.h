// The names of the finding codes, for waivers. What they mean stands in findings/code.h, which
// policy may not include; a test over there holds the two lists together.
#pragma once

#include <array>
#include <string_view>

namespace firebreak {

inline constexpr std::array<std::string_view, 39> kCodeNames = {
    "HOST001", "HOST002", "HOST003", "HOST004", "HOST005", "HOST006", "NET001",  "NET002",
    "NET003",  "NET004",  "NET005",  "NET006",  "NET007",  "NET008",  "NET009",  "CRED001",
    "CRED002", "CRED003", "CRED004", "CRED005", "CRED006", "REG001",  "REG002",  "REG003",
    "REG004",  "REG005",  "DATA001", "DATA002", "DATA003", "DATA004", "DATA005", "DATA006",
    "DATA007", "AUD001",  "AUD002",  "AUD003",  "AUD004",  "AUD005",  "AUD006"};

}  // namespace firebreak
