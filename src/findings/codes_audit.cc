#include <array>

#include "findings/code_table.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

constexpr std::array kReview = {"ISO27001:A.8.31"sv, "NIST-800-53r5:CA-7"sv,
                                "NIS2-2024/2690:6.8.3"sv};
constexpr std::array kException = {"ISO27001:A.8.31"sv, "ISO27001:A.8.32"sv, "BSI-C5:DEV-12.02B"sv,
                                   "NIST-800-53r5:CA-7"sv};

constexpr std::array kAuditCodes = {
    CodeInfo{
        .code = Code::kAud001,
        .name = "AUD001",
        .title = "the last audit is older than the policy allows",
        .dimension = std::nullopt,
        .severity = Severity::kMedium,
        .unstated = Severity::kMedium,
        .influence = false,
        .rationale = "Separation that was shown once is lost by the next `docker network connect`. "
                     "What was not looked at for longer than agreed is not known.",
        .remedy = "Run the audit from a timer, or leave it to `firebreak watch`.",
        .controls = kReview,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kAud002,
        .name = "AUD002",
        .title = "a workload belongs to no environment",
        .dimension = std::nullopt,
        .severity = Severity::kMedium,
        .unstated = Severity::kMedium,
        .influence = false,
        .rationale =
            "What belongs to no environment, or to two at once, is compared with nothing: a "
            "production database without a label looks as clean as an empty host.",
        .remedy =
            "Label it, or add a selector for it to the policy. What serves several environments on "
            "purpose goes under `shared`, with a reason.",
        .controls = kReview,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kAud003,
        .name = "AUD003",
        .title = "a waiver has expired",
        .dimension = std::nullopt,
        .severity = Severity::kMedium,
        .unstated = Severity::kMedium,
        .influence = false,
        .rationale = "An exception was approved until a date, and the date has passed. It waives "
                     "nothing any more: what it covered is reported as open again.",
        .remedy = "Close what it covered, or have it approved anew with a new date.",
        .controls = kException,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kAud004,
        .name = "AUD004",
        .title = "a waiver matched nothing",
        .dimension = std::nullopt,
        .severity = Severity::kLow,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale = "A waiver without anything to waive is a hole kept open for later: it will "
                     "silently cover what nobody has approved.",
        .remedy = "Delete it, or correct the names in it.",
        .controls = kException,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kAud005,
        .name = "AUD005",
        .title = "a selector matched nothing",
        .dimension = std::nullopt,
        .severity = Severity::kLow,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale = "A selector that matches nothing is often a misspelt one, and then the "
                     "workloads it was meant for stand in no environment.",
        .remedy = "Correct or delete it.",
        .controls = kReview,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kAud006,
        .name = "AUD006",
        .title = "a required check could not be made (a gap)",
        .dimension = std::nullopt,
        .severity = Severity::kMedium,
        .unstated = Severity::kMedium,
        .influence = false,
        .rationale =
            "Something that a required check needs could not be seen. Nothing was found there "
            "because nothing was looked at, so the audit is incomplete, not clean.",
        .remedy = "Remove the cause that the gap names (permissions, an unreachable host, an old "
                  "tool), and audit again.",
        .controls = kReview,
        .checked = true,
    },
};

}  // namespace

std::span<const CodeInfo> audit_codes() { return kAuditCodes; }

}  // namespace firebreak
