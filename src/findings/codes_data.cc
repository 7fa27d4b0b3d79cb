#include <array>

#include "findings/code_table.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

constexpr std::array kLiveData = {"ISO27001:A.8.33"sv,       "ISO27001:A.8.11"sv,
                                  "PCI-DSS-4.0.1:6.5.5"sv,   "BSI-C5:DEV-12.01B"sv,
                                  "DORA-RTS-2024/1774:16"sv, "NIST-800-53r5:SA-3(2)"sv,
                                  "NIST-800-53r5:PM-25"sv,   "NIS2-2024/2690:6.2.2(f)"sv};
constexpr std::array kDataControls = {"ISO27001:A.8.33"sv, "PCI-DSS-4.0.1:6.5.5"sv,
                                      "NIST-800-53r5:SA-3(2)"sv, "NIS2-2024/2690:6.2.2(e)"sv};
constexpr std::array kServer = {"ISO27001:A.8.31"sv,        "ISO27001:A.8.33"sv,
                                "PCI-DSS-4.0.1:6.5.3"sv,    "BSI-C5:DEV-12.01B"sv,
                                "NIST-800-53r5:SC-7(21)"sv, "CIS-8.1:16.8"sv,
                                "NIS2-2024/2690:6.8.2(h)"sv};

constexpr std::array kDataCodes = {
    CodeInfo{
        .code = Code::kData001,
        .name = "DATA001",
        .title = "production rows stand in a lower environment",
        .dimension = Dimension::kData,
        .severity = Severity::kCritical,
        .unstated = Severity::kCritical,
        .influence = false,
        .rationale =
            "Rows that were found in production and again, unmasked, in a lower database expose "
            "real people where more persons have access and fewer controls hold. For personal and "
            "card data it is a breach in itself.",
        .remedy =
            "Empty the tables, load a masked copy with `firebreak copy`, and find out by which "
            "way the rows came.",
        .controls = kLiveData,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kData002,
        .name = "DATA002",
        .title = "a lower database is a physical clone of production's",
        .dimension = Dimension::kData,
        .severity = Severity::kCritical,
        .unstated = Severity::kCritical,
        .influence = false,
        .rationale =
            "The lower server carries the identity that production's data directory was created "
            "with: its files were copied, with every row, account and password in them.",
        .remedy = "Delete the clone, create a new cluster and fill it with a masked copy.",
        .controls = kLiveData,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kData003,
        .name = "DATA003",
        .title = "a masked copy is older than the policy allows",
        .dimension = Dimension::kData,
        .severity = Severity::kMedium,
        .unstated = Severity::kMedium,
        .influence = false,
        .rationale =
            "A copy that outlives its purpose was made with the masks of that time and keeps "
            "people in it who have asked to be erased since.",
        .remedy = "Make a fresh copy, or drop the old one.",
        .controls = kDataControls,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kData004,
        .name = "DATA004",
        .title = "a sensitive column has no mask",
        .dimension = Dimension::kData,
        .severity = Severity::kHigh,
        .unstated = Severity::kHigh,
        .influence = false,
        .rationale =
            "The column's name or content shows personal or secret data, and the masks let "
            "it pass.",
        .remedy = "Give it a mask, or state `keep` after looking at it.",
        .controls = kLiveData,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kData005,
        .name = "DATA005",
        .title =
            "a lower database that holds production-grade data has weaker access controls than "
            "production",
        .dimension = Dimension::kData,
        .severity = Severity::kHigh,
        .unstated = Severity::kHigh,
        .influence = false,
        .rationale =
            "Data needs the controls that it needs, wherever it stands. If a copy may be read by "
            "more accounts, without TLS or without row security, its protection is that of the "
            "weakest place.",
        .remedy = "Bring the controls to production's level, or replace the data by masked data.",
        .controls = kDataControls,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kData006,
        .name = "DATA006",
        .title = "one database server serves two environments",
        .dimension = Dimension::kData,
        .severity = Severity::kMedium,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "Databases on one server share its superuser, its memory, its backups and its upgrade. "
            "A test that fills the disk stops production, and a role granted on the wrong line "
            "reads it.",
        .remedy = "Run a database server for each environment, on volumes and networks of its own.",
        .controls = kServer,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kData007,
        .name = "DATA007",
        .title = "a job or command copies from a higher environment's database into a lower one, "
                 "past the masks",
        .dimension = Dimension::kData,
        .severity = Severity::kCritical,
        .unstated = Severity::kCritical,
        .influence = true,
        .rationale =
            "`pg_dump production | psql staging` moves every row as it is. It runs again at the "
            "next interval, so cleaning the target helps until then, and the job holds credentials "
            "of both environments.",
        .remedy =
            "Stop the job, revoke its account in the higher environment, and bring a masked copy "
            "instead.",
        .controls = kLiveData,
        .checked = true,
    },
};

}  // namespace

std::span<const CodeInfo> data_codes() { return kDataCodes; }

}  // namespace firebreak
