#include <array>

#include "findings/code_table.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

constexpr std::array kSharedHost = {"ISO27001:A.8.31"sv,        "PCI-DSS-4.0.1:6.5.3"sv,
                                    "BSI-C5:DEV-12.01B"sv,      "DORA-RTS-2024/1774:8(2)(b)(v)"sv,
                                    "NIST-800-53r5:SC-7(21)"sv, "NIST-800-53r5:CM-4(1)"sv,
                                    "CIS-8.1:16.8"sv,           "NIS2-2024/2690:6.8.2(h)"sv};
constexpr std::array kTakeover = {"ISO27001:A.8.31"sv,        "PCI-DSS-4.0.1:6.5.3"sv,
                                  "BSI-C5:DEV-12.01B"sv,      "DORA-RTS-2024/1774:8(2)(b)(v)"sv,
                                  "NIST-800-53r5:SC-7(21)"sv, "CIS-8.1:16.8"sv,
                                  "CIS-Docker-1.6.0:5.5"sv,   "CIS-Docker-1.6.0:5.6"sv,
                                  "CIS-Docker-1.6.0:5.32"sv,  "NIS2-2024/2690:6.8.2(h)"sv};
constexpr std::array kSharedFiles = {"ISO27001:A.8.31"sv,
                                     "ISO27001:A.8.33"sv,
                                     "PCI-DSS-4.0.1:6.5.3"sv,
                                     "BSI-C5:DEV-12.01B"sv,
                                     "DORA-RTS-2024/1774:8(2)(b)(v)"sv,
                                     "NIST-800-53r5:AC-4"sv,
                                     "CIS-8.1:16.8"sv,
                                     "NIS2-2024/2690:6.8.2(h)"sv};
constexpr std::array kNamespaces = {"ISO27001:A.8.31"sv,       "PCI-DSS-4.0.1:6.5.3"sv,
                                    "BSI-C5:DEV-12.01B"sv,     "NIST-800-53r5:SC-7(21)"sv,
                                    "CIS-8.1:16.8"sv,          "CIS-Docker-1.6.0:5.16"sv,
                                    "CIS-Docker-1.6.0:5.17"sv, "CIS-Docker-1.6.0:5.31"sv};
constexpr std::array kEngineApi = {"ISO27001:A.8.31"sv,     "PCI-DSS-4.0.1:6.5.3"sv,
                                   "PCI-DSS-4.0.1:6.5.4"sv, "BSI-C5:DEV-12.01B"sv,
                                   "NIST-800-53r5:AC-4"sv,  "NIST-800-53r5:SC-7(21)"sv,
                                   "CIS-8.1:16.8"sv,        "CIS-Docker-1.6.0:2.7"sv};
constexpr std::array kSameMachine = {"ISO27001:A.8.31"sv, "PCI-DSS-4.0.1:6.5.3"sv,
                                     "BSI-C5:DEV-12.01B"sv, "NIST-800-53r5:SC-7(21)"sv,
                                     "CIS-8.1:16.8"sv};

constexpr std::array kHostCodes = {
    CodeInfo{
        .code = Code::kHost001,
        .name = "HOST001",
        .title = "environments share a Docker host (one kernel, one engine)",
        .dimension = Dimension::kHost,
        .severity = Severity::kMedium,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "Containers on one host run on one kernel and under one engine. A flaw in the kernel, "
            "in the runtime or in the engine reaches every environment on it, whoever may use the "
            "engine rules all of them, and they compete for the same memory, disk and processors. "
            "Names, networks and labels do not change that.",
        .remedy =
            "Run the higher environment on hosts of its own. Where one host must do, accept it in "
            "the policy (host: any), and make it harder to cross: user namespace remapping or a "
            "rootless engine, a sandboxed runtime (gVisor, Kata) for the lower environment, no "
            "privileged neighbours, seccomp and AppArmor left on.",
        .controls = kSharedHost,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kHost002,
        .name = "HOST002",
        .title = "a container can take over the host that another environment runs on",
        .dimension = Dimension::kHost,
        .severity = Severity::kCritical,
        .unstated = Severity::kLow,
        .influence = true,
        .rationale =
            "A container that holds the engine's socket, runs privileged, shares the host's "
            "process table, holds capabilities such as SYS_ADMIN or SYS_MODULE, or can write the "
            "host's disks or system folders is root on the host in a few commands: read-only does "
            "not protect a socket. From there it reads, changes and stops everything that the "
            "other environment runs, past every network rule.",
        .remedy =
            "Take the right away: remove the socket mount, `privileged`, `pid: host`, the "
            "capability, device or bind from the container's definition and create it again. If it "
            "needs the engine, give it an engine of its own (rootless, or on another host), or a "
            "filtering proxy that no other environment can reach. Otherwise move it to a host "
            "where nothing of the other environment runs.",
        .controls = kTakeover,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kHost003,
        .name = "HOST003",
        .title = "a volume or bind mount is shared by environments",
        .dimension = Dimension::kHost,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = true,
        .rationale =
            "Files that two environments mount carry data from one into the other without any "
            "network: production data is read in development, or development writes what "
            "production executes or trusts, down to sockets, configuration and plug-ins. One "
            "folder inside another's counts as shared, and so do two names of one device.",
        .remedy = "Give each environment a volume of its own, and copy what must be handed over "
                  "deliberately (masked, where it is data). Mount what is really common read-only "
                  "on both sides, or put it into the image.",
        .controls = kSharedFiles,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kHost004,
        .name = "HOST004",
        .title =
            "a kernel namespace (pid, ipc, net, user) is shared by environments or with the host",
        .dimension = Dimension::kHost,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = true,
        .rationale =
            "Namespaces are what makes a container. In a shared process namespace one side sees, "
            "signals and traces the other's processes and reads their environment, secrets "
            "included; in a shared ipc namespace it reads their shared memory; in a shared network "
            "namespace it owns the same addresses and loopback; and with the host's user "
            "namespace its root is the host's root although the engine remaps everybody else.",
        .remedy =
            "Remove `pid:`, `ipc:`, `network_mode: container:` or `userns_mode: host` from the "
            "container's definition and create it again; let containers of different environments "
            "meet over a published, authenticated port if they must.",
        .controls = kNamespaces,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kHost005,
        .name = "HOST005",
        .title = "the engine's API is reachable from another environment",
        .dimension = Dimension::kHost,
        .severity = Severity::kCritical,
        .unstated = Severity::kLow,
        .influence = true,
        .rationale =
            "The engine's API has no notion of environments: whoever can call it starts a "
            "privileged container and is root on the host. An API port without client "
            "certificates, a proxy in front of the socket on a network that another environment "
            "uses, or a DOCKER_HOST variable that points at it hands out exactly that.",
        .remedy =
            "Listen on the unix socket only, or on TCP with mutual TLS (`tlsverify`) whose client "
            "keys no other environment holds. Put a socket proxy on a network that only its users "
            "are on, let it pass only the calls they need, and publish none of its ports.",
        .controls = kEngineApi,
        .checked = true,
    },
    CodeInfo{
        .code = Code::kHost006,
        .name = "HOST006",
        .title = "two host names are one machine, one Swarm, one cluster or one cloud account",
        .dimension = Dimension::kHost,
        .severity = Severity::kHigh,
        .unstated = Severity::kLow,
        .influence = false,
        .rationale =
            "Two names in the policy look like two hosts. If both lead to one machine, one Swarm, "
            "one cluster or one account, the environments behind them share its administrators, "
            "its kernel or its control plane, and everything believed about their separation is "
            "believed about one thing.",
        .remedy = "Move one environment to a machine, cluster or account of its own, or say in the "
                  "policy that the host is shared.",
        .controls = kSameMachine,
        .checked = false,
    },
};

}  // namespace

std::span<const CodeInfo> host_codes() { return kHostCodes; }

}  // namespace firebreak
