#include <array>

#include "findings/code_table.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

constexpr std::array kSecrets = {
    "ISO27001:A.8.31"sv,       "ISO27001:A.5.17"sv,   "ISO27001:A.8.24"sv,
    "PCI-DSS-4.0.1:6.5.3"sv,   "BSI-C5:DEV-12.02B"sv, "DORA-RTS-2024/1774:8(2)(b)(v)"sv,
    "NIST-800-53r5:IA-5(7)"sv, "CIS-8.1:16.8"sv,      "NIS2-2024/2690:6.8.2(h)"sv};
constexpr std::array kSystems = {"ISO27001:A.8.31"sv,        "ISO27001:A.5.17"sv,
                                 "PCI-DSS-4.0.1:6.5.3"sv,    "PCI-DSS-4.0.1:6.5.4"sv,
                                 "BSI-C5:DEV-12.01B"sv,      "BSI-C5:DEV-12.02B"sv,
                                 "NIST-800-53r5:SC-7(21)"sv, "CIS-8.1:16.8"sv};
constexpr std::array kForeignSystem = {"ISO27001:A.8.31"sv,       "ISO27001:A.8.33"sv,
                                       "PCI-DSS-4.0.1:6.5.3"sv,   "BSI-C5:DEV-12.01B"sv,
                                       "NIST-800-53r5:CM-4(1)"sv, "DORA-RTS-2024/1774:8(2)(b)(v)"sv,
                                       "CIS-8.1:16.8"sv,          "NIS2-2024/2690:6.8.2(h)"sv};

constexpr std::array kCredentialCodes = {
    CodeInfo{
        .code = Code::kCred001,
        .name = "CRED001",
        .title = "the same secret value is used in two environments",
        .dimension = Dimension::kCredentials,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "A password, key or token that works in a lower environment and is the same in the "
            "higher one makes the weaker place the way into the stronger: everyone who can read a "
            "developer's container can sign in to production. Rotating it breaks both at once, so "
            "it is not rotated.",
        .remedy =
            "Issue a value of its own to each environment, in the higher one first, and revoke the "
            "old one. Keep each in a store that only its environment can read.",
        .controls = kSecrets,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kCred002,
        .name = "CRED002",
        .title = "one secrets manager serves two environments",
        .dimension = Dimension::kCredentials,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "When one server holds the secrets of all environments, a policy mistake, a stolen "
            "token or its own administrator opens all of them. Paths and namespaces inside it are "
            "configuration, not separation.",
        .remedy = "Run a secrets manager for the higher environment alone, with its own "
                  "administrators and its own recovery keys.",
        .controls = kSystems,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kCred003,
        .name = "CRED003",
        .title = "one identity provider serves two environments",
        .dimension = Dimension::kCredentials,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "If one issuer's keys sign the tokens of all environments, a token of the lower one is "
            "one missing audience check away from the higher one, and a test account is an "
            "account.",
        .remedy =
            "Use an issuer with keys of its own for the higher environment, and refuse tokens "
            "of any other.",
        .controls = kSystems,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kCred004,
        .name = "CRED004",
        .title = "one private certificate authority serves two environments",
        .dimension = Dimension::kCredentials,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "A private authority that both environments trust can name any server or client in "
            "either. Who may request certificates in the lower environment can then stand in for "
            "production.",
        .remedy = "Issue from an authority for each environment and let each trust only its own.",
        .controls = kSystems,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kCred005,
        .name = "CRED005",
        .title = "an environment is configured with another environment's system",
        .dimension = Dimension::kCredentials,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "A container whose configuration names a database, queue or service of another "
            "environment will use it: tests run against production's data, or production depends "
            "on something that developers restart at will.",
        .remedy =
            "Point the variable at a system of the container's own environment, revoke the account "
            "it used, and close the network path, so that the same mistake fails next time.",
        .controls = kForeignSystem,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kCred006,
        .name = "CRED006",
        .title = "a live credential stands in a lower environment",
        .dimension = Dimension::kCredentials,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "Providers mark their keys as live or test. A live key outside production moves real "
            "money and reads real customers from the place with the weakest controls; it needs no "
            "network path into production at all.",
        .remedy = "Replace it by the provider's test key, and revoke the live one: it has been "
                  "where it should not be.",
        .controls = kSecrets,
        .checked = true,
    },
};

}  // namespace

std::span<const CodeInfo> credential_codes() { return kCredentialCodes; }

}  // namespace firebreak
