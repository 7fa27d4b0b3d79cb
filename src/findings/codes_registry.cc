#include <array>

#include "findings/code_table.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

constexpr std::array kSupply = {
    "ISO27001:A.8.31"sv,   "ISO27001:A.8.32"sv,    "PCI-DSS-4.0.1:6.5.3"sv, "PCI-DSS-4.0.1:6.5.4"sv,
    "BSI-C5:DEV-12.01B"sv, "NIST-800-53r5:CM-3"sv, "CIS-8.1:16.8"sv};
constexpr std::array kRegistryCredential = {"ISO27001:A.8.31"sv,       "ISO27001:A.5.17"sv,
                                            "PCI-DSS-4.0.1:6.5.3"sv,   "BSI-C5:DEV-12.02B"sv,
                                            "NIST-800-53r5:IA-5(7)"sv, "CIS-8.1:16.8"sv};

constexpr std::array kRegistryCodes = {
    CodeInfo{
        .code = Code::kReg001,
        .name = "REG001",
        .title = "one registry credential is used by two environments",
        .dimension = Dimension::kRegistry,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "One account for all environments means that the lower one's hosts hold what reads, "
            "and often writes, the images that the higher one runs.",
        .remedy = "Issue an account for each environment: pull only, and only its namespace.",
        .controls = kRegistryCredential,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kReg002,
        .name = "REG002",
        .title = "environments share a registry without separate namespaces",
        .dimension = Dimension::kRegistry,
        .severity = Severity::kMedium,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "When both environments pull from the same repositories of a private registry, "
            "whoever may push there for tests also replaces what the other one starts next. "
            "Rights can only be told apart where the names are.",
        .remedy =
            "Give each environment a project or namespace (or a registry) of its own, and promote "
            "images into the higher one by digest, after review.",
        .controls = kSupply,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kReg003,
        .name = "REG003",
        .title = "a lower environment's credential can push what production pulls",
        .dimension = Dimension::kRegistry,
        .severity = Severity::kCritical,
        .unstated = Severity::kHigh,
        .influence = true,
        .rationale =
            "Who pushes what production pulls runs code in production, by the ordinary way of a "
            "deployment and without breaking anything.",
        .remedy =
            "Take the right to push away from the lower environment's account, and let only the "
            "release pipeline write where production reads.",
        .controls = kSupply,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kReg004,
        .name = "REG004",
        .title = "production pulls a mutable tag that a lower environment can move",
        .dimension = Dimension::kRegistry,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "A tag such as `latest` or `main` means whatever was pushed last. If the lower "
            "environment uses the same tag of the same repository, its builds become production "
            "with the next restart, unreviewed.",
        .remedy = "Let production name a digest, or a tag that the registry makes immutable, in a "
                  "repository that only a release can write.",
        .controls = kSupply,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kReg005,
        .name = "REG005",
        .title = "a lower environment's credential can pull production's private images",
        .dimension = Dimension::kRegistry,
        .severity = Severity::kMedium,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "Private images hold code, configuration and sometimes keys of production. Reading "
            "them from a lower environment is a leak that leaves no trace in production.",
        .remedy = "Limit the account to the lower environment's namespace.",
        .controls = kRegistryCredential,
        .checked = false,
    },
};

}  // namespace

std::span<const CodeInfo> registry_codes() { return kRegistryCodes; }

}  // namespace firebreak
