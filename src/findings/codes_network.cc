#include <array>

#include "findings/code_table.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

constexpr std::array kSegregation = {"ISO27001:A.8.31"sv,
                                     "ISO27001:A.8.22"sv,
                                     "PCI-DSS-4.0.1:6.5.3"sv,
                                     "BSI-C5:DEV-12.01B"sv,
                                     "DORA-RTS-2024/1774:8(2)(b)(v)"sv,
                                     "NIST-800-53r5:SC-7(21)"sv,
                                     "NIST-800-53r5:SC-7(29)"sv,
                                     "NIST-800-53r5:AC-4"sv,
                                     "CIS-8.1:16.8"sv,
                                     "NIS2-2024/2690:6.8.2(h)"sv};
constexpr std::array kHostNetwork = {"ISO27001:A.8.31"sv,        "ISO27001:A.8.22"sv,
                                     "PCI-DSS-4.0.1:6.5.3"sv,    "BSI-C5:DEV-12.01B"sv,
                                     "NIST-800-53r5:SC-7(21)"sv, "CIS-8.1:16.8"sv,
                                     "CIS-Docker-1.6.0:5.10"sv,  "NIS2-2024/2690:6.8.2(h)"sv};
constexpr std::array kLayerTwo = {"ISO27001:A.8.31"sv,        "ISO27001:A.8.22"sv,
                                  "PCI-DSS-4.0.1:6.5.3"sv,    "BSI-C5:DEV-12.01B"sv,
                                  "NIST-800-53r5:SC-7(21)"sv, "NIST-800-53r5:SC-7(29)"sv,
                                  "CIS-8.1:16.8"sv,           "CIS-Docker-1.6.0:2.2"sv,
                                  "CIS-Docker-1.6.0:7.3"sv,   "NIS2-2024/2690:6.8.2(h)"sv};
constexpr std::array kUpgrade = {"ISO27001:A.8.31"sv, "ISO27001:A.8.32"sv, "NIST-800-53r5:CM-3"sv};
constexpr std::array kProbe = {"ISO27001:A.8.31"sv, "NIST-800-53r5:CA-7"sv};

constexpr std::array kNetworkCodes = {
    CodeInfo{
        .code = Code::kNet001,
        .name = "NET001",
        .title = "a network has members of several environments",
        .dimension = Dimension::kNetwork,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "Members of one Docker network reach every port of each other, published or not, and "
            "on networks made by users they find each other by name. Different values in their "
            "configuration do not matter: one wrong host name, one leaked password or one broken "
            "container, and development talks to production.",
        .remedy =
            "Create a network for each environment, connect each container to its own, and "
            "disconnect all of them from the common one; make the same change in the compose file "
            "or the command that starts them, or the next start undoes it.",
        .controls = kSegregation,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kNet002,
        .name = "NET002",
        .title = "a flow is open from one environment into another",
        .dimension = Dimension::kNetwork,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "The rules of the hosts in between let a connection from one environment reach a "
            "socket of the other. Whether anyone uses it today is a matter of configuration, "
            "which is what separation must not rest on.",
        .remedy =
            "Close the hop that the path names: a rule in DOCKER-USER, a network that is internal, "
            "a route or a zone that does not join the hosts.",
        .controls = kSegregation,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kNet003,
        .name = "NET003",
        .title = "the flow goes through a published port or the host's own address, past network "
                 "isolation",
        .dimension = Dimension::kNetwork,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "Isolation between bridge networks covers container addresses only. A port that is "
            "published on an address of the host, and anything that listens on the host itself, "
            "is reachable from every container on it; with the userland proxy no rule in "
            "DOCKER-USER can stop that before engine 29.",
        .remedy =
            "Publish on the loopback address, or on an address that only the intended clients "
            "reach, or do not publish; put a filter into INPUT where the proxy answers.",
        .controls = kSegregation,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kNet004,
        .name = "NET004",
        .title = "a container stands in the networks of two environments (pivot)",
        .dimension = Dimension::kNetwork,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "A container with a foot in both networks is a bridge between them: its own programs "
            "(a proxy, a scheduler, a shell) connect to either side, its kernel forwards packets "
            "by default, and whoever breaks it from the weaker side stands in the stronger one.",
        .remedy =
            "Disconnect it from the network that it does not belong to. A proxy or a collector "
            "that both sides need is run once for each, or declared under `shared` with a reason.",
        .controls = kSegregation,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kNet005,
        .name = "NET005",
        .title = "a container uses the host's network",
        .dimension = Dimension::kNetwork,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "With `network_mode: host` a container sends from the host's own network namespace: it "
            "reaches every container address on every bridge and the services on the host's "
            "loopback, past Docker's isolation rules. In the other direction, whatever it listens "
            "on is reachable from the containers of all environments by the host's addresses.",
        .remedy =
            "Give it a network of its environment and publish the ports it needs; if it must have "
            "the host's network, run it on a host without the other environment.",
        .controls = kHostNetwork,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kNet006,
        .name = "NET006",
        .title = "layer 2 is shared or can be injected into (macvlan parent, unencrypted overlay, "
                 "icc=false without br_netfilter)",
        .dimension = Dimension::kNetwork,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "Networks that look separate can share the wire beneath. Networks on one parent "
            "interface are one Ethernet segment whatever their subnets; an overlay without "
            "encryption accepts frames from any process that can send UDP to port 4789 of a node, "
            "without authentication; and icc=false filters nothing unless bridged frames are "
            "handed to the packet filter.",
        .remedy = "Use one parent interface or VLAN for each environment, create overlays with "
                  "`--opt encrypted`, and use separate bridges instead of icc=false.",
        .controls = kLayerTwo,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kNet007,
        .name = "NET007",
        .title = "a name resolves to another environment's container",
        .dimension = Dimension::kNetwork,
        .severity = Severity::kMedium,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "On a common network the embedded DNS answers service names and aliases of all its "
            "members. `db` of one project is then answered with the other project's database, "
            "sometimes the one and sometimes the other, and the same configuration is harmless "
            "today and writes into production tomorrow.",
        .remedy =
            "Put the environments on networks of their own, so that a name can only mean their own "
            "container; until then give aliases that carry the environment's name.",
        .controls = kSegregation,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kNet008,
        .name = "NET008",
        .title = "a flow will open or close when the engine is upgraded",
        .dimension = Dimension::kNetwork,
        .severity = Severity::kLow,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "Engine versions install different packet filter rules for the same configuration: "
            "28 and 29 changed who reaches published ports and unprotected networks. What is "
            "separated today may not be after the next package update, and the reverse.",
        .remedy =
            "Read what changes, and separate by networks and published addresses that mean the "
            "same in both versions before upgrading.",
        .controls = kUpgrade,
        .checked = false,
    },
    CodeInfo{
        .code = Code::kNet009,
        .name = "NET009",
        .title = "the prediction and the probe disagree",
        .dimension = Dimension::kNetwork,
        .severity = Severity::kMedium,
        .unstated = Severity::kMedium,
        .influence = false,
        .rationale =
            "A probe got through where the rules say no, or was stopped where they say yes. "
            "Something on the way was not read or is not understood, so no verdict about this "
            "flow can be trusted.",
        .remedy = "Look for what stands between (another firewall, a rule set that is not read, a "
                  "router) "
                  "and report it; until then believe the packet.",
        .controls = kProbe,
        .checked = false,
    },
};

}  // namespace

std::span<const CodeInfo> network_codes() { return kNetworkCodes; }

}  // namespace firebreak
