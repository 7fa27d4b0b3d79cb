"""What really crosses: from every network namespace of an engine to every address of every other and to every port
that is named anywhere, TCP, UDP and echo requests, with listeners everywhere, so that a way is open exactly if its
probe is answered, and the answer says by whom."""
import json
import os
import time

from engines import run
from probing import Services, place, probe_estate

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = "@host"  # the name of the host's own namespace


class Place:
    """A network namespace: its name, where it is, and its addresses without link-local ones and without those of
    IPv6 that stay tentative because their link has no carrier: the kernel does not take them for its own."""

    def __init__(self, name, path):
        self.name, self.path = name, path
        self.links = json.loads(run("nsenter", f"--net={path}", "ip", "-j", "address")[1])
        self.addresses = [info["local"] for link in self.links for info in link["addr_info"]
                          if info["scope"] != "link" and not info["local"].startswith("fe80:") and "tentative" not in info]

    def of_family(self, address):
        return [own for own in self.addresses if (":" in own) == (":" in address)]


def is_loopback(address):
    return address == "::1" or address.startswith("127.")


def places(engine):
    """Every namespace of an engine once, by the name of the container that owns it; the host's own first."""
    found = [Place(HOST, place(engine.namespace))]
    containers = engine.docker("ps", "-q").split()
    for one in json.loads(engine.docker("inspect", *containers)) if containers else []:
        mode = one["HostConfig"]["NetworkMode"]
        if mode != "host" and not mode.startswith("container:"):
            found.append(Place(one["Name"][1:], place(one["State"]["Pid"])))
    return found


def targets(sender, everyone, ports):
    """All that one namespace can ask: (protocol, source, destination, port)."""
    out = []
    for other in everyone:
        for destination in other.addresses:
            own = destination in sender.addresses
            if (own or is_loopback(destination)) and not (sender.name == HOST and other.name == HOST):
                continue  # a namespace with itself is none of our business, except what the host publishes
            for source in sender.of_family(destination):
                if is_loopback(source) and not own:
                    continue
                out.append(("echo", source, destination, 0))
                out += [(protocol, source, destination, port) for protocol in ("tcp", "udp") for port in ports]
    return out


class Measured:
    """What came of every probe: (from, protocol, source, destination, port) -> one of
    ("open", to, address, port)   delivered there, as the receiver sees it
    ("taken", word)               connected to somebody who is none of our listeners, or broken off
    ("shut", outcome)             nothing returned, or a refusal"""

    def __init__(self, everyone):
        self.everyone = everyone
        self.owners = {address: one.name for one in everyone for address in one.addresses if not is_loopback(address)}
        self.found = {}
        self.taken = {}  # place -> [[protocol, address, port]]: where others listened
        self.seconds = 0

    def _listen(self, ports):
        return [{"name": one.name, "namespace": one.path, "addresses": one.addresses, "tcp": ports, "udp": ports}
                for one in self.everyone]

    def ask(self, wanted, ports, patience=500, retries=1):
        """Probes [(from, protocol, source, destination, port)] with listeners on all `ports`."""
        by_sender = {}
        for one in wanted:
            by_sender.setdefault(one[0], []).append(list(one[1:]))
        senders = [one for one in self.everyone if one.name in by_sender]
        answer = probe_estate({
            "listen": self._listen(ports),
            "probe": [{"namespace": one.path, "targets": by_sender[one.name]} for one in senders],
            "patience_ms": patience, "retries": retries, "word": True, "window": 400})
        self.taken = answer["taken"]
        self.seconds += answer["seconds"]
        for sender, results in zip(senders, answer["results"]):
            for target, result in zip(by_sender[sender.name], results):
                self.found[(sender.name, *target)] = self.read(target, result)

    def ask_from_ports(self, wanted, ports, source_ports):
        """The same from chosen ports: whoever connects may choose one that a rule lets answers through to. What is
        answered from any of them is open."""
        by_source = {}
        for key in wanted:
            if key[1] != "echo":
                by_source.setdefault((key[0], key[2]), []).append(key)
        for i, ((name, _), keys) in enumerate(sorted(by_source.items())):
            if i > 0:
                time.sleep(11)  # two sources that are rewritten to one get different ports as long as both are remembered
            self._ask_from_ports(name, keys, ports, source_ports)

    def _ask_from_ports(self, name, keys, ports, source_ports):
        # Where a listener stands nobody can connect from.
        other = [port for port in ports if port not in source_ports]
        services = Services([{**one, "tcp": other, "udp": other} if one["name"] == name else one for one in self._listen(ports)])
        asked = [(key, port) for key in keys for port in source_ports]
        sender = next(one for one in self.everyone if one.name == name)
        try:
            out = run("nsenter", f"--net={sender.path}", "python3", f"{HERE}/from_port.py", stdin=json.dumps(
                [[key[1], key[2], port, key[3], key[4]] for key, port in asked]))[1]
        finally:
            services.close()
        for (key, _), word in zip(asked, json.loads(out)):
            if word:
                self.found[key] = self.read(key[1:], ("answered", word))

    def read(self, target, result):
        outcome, word = result[:2]
        if target[0] == "echo" and outcome == "answered":
            return ("open", self.owners.get(target[2], HOST), target[2], 0)
        if outcome == "answered":
            words = word.split()
            return ("open", words[0], words[1], int(words[2])) if len(words) >= 5 else ("taken", word)
        return ("taken" if outcome in ("mute", "closed") else "shut", outcome)


def measure(engine, ports, patience=500):
    """Everything, with these ports."""
    everyone = places(engine)
    measured = Measured(everyone)
    measured.ask([(one.name, *target) for one in everyone for target in targets(one, everyone, ports)], ports, patience)
    # Silence behind a connection may be a busy machine.
    mute = [key for key, found in measured.found.items() if found == ("taken", "mute")]
    if mute:
        measured.ask(mute, ports, patience=2000)
    return measured


def raise_descriptor_limit():
    """Listeners and probes need many descriptors; children inherit the limit."""
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
