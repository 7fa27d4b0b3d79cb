"""What `firebreak paths --all` says, against what was measured.

They agree on a packet if
- it was delivered (measure.py: "open") and a flow says so: from there to there, with that source, to that address
  and port, delivered as what the receiver saw;
- it was not, and no flow says that it is;
- firebreak says that it does not know.
Connections that somebody took who is none of our listeners ("taken": a service of the host, a relay whose own
connection failed) may be flows into the host's namespace or none."""
import ipaddress
import json

from measure import HOST


class Ranges:
    """"80,5000-5010", "10.1.0.0-10.1.0.255", "10.1.0.0/24"; of ports or addresses."""

    def __init__(self, texts, kind):
        self.ranges = []
        for text in texts:
            if "/" in text:
                network = ipaddress.ip_network(text, strict=False)
                self.ranges.append((network[0], network[-1]))
            else:
                first, _, last = text.partition("-")
                self.ranges.append((kind(first), kind(last or first)))

    def __contains__(self, value):
        # Addresses of two families cannot be compared.
        return any(type(first) is type(value) and first <= value <= last for first, last in self.ranges)


def ports(text):
    return Ranges([part for part in text.split(",") if part], int)


class Flow:
    def __init__(self, flow):
        self.raw = flow
        self.to = flow["to"]["container"] or HOST
        self.open = flow["verdict"] == "open"
        self.sources = Ranges(flow["sources"], ipaddress.ip_address)
        self.address = Ranges([flow["address"], *flow.get("also_at", ())], ipaddress.ip_address)
        self.ports = ports(flow["ports"])
        self.delivered = Ranges([flow["delivered"]["address"]], ipaddress.ip_address)
        self.delivered_ports = ports(flow["delivered"]["ports"])
        self.echo = flow["protocol"].startswith("icmp")

    def holds(self, source, destination, port):
        return source in self.sources and destination in self.address and (self.echo or port in self.ports)

    def delivers(self, to, address, port):
        return (self.to == to and (self.echo or (ipaddress.ip_address(address) in self.delivered
                                                 and port in self.delivered_ports)))

    def text(self):
        keys = ("protocol", "sources", "address", "ports", "delivered", "via", "verdict")
        return json.dumps({"from": self.raw["from"]["container"] or HOST, "to": self.to,
                           **{key: self.raw[key] for key in keys}})


class Predicted:
    def __init__(self, answer):
        self.gaps = answer["gaps"]
        self.by = {}
        for flow in answer["flows"]:
            protocol = "echo" if flow["protocol"].startswith("icmp") else flow["protocol"]
            self.by.setdefault((flow["from"]["container"] or HOST, protocol), []).append(Flow(flow))

    def flows(self, sender, protocol, source, destination, port):
        source, destination = ipaddress.ip_address(source), ipaddress.ip_address(destination)
        return [flow for flow in self.by.get((sender, protocol), []) if flow.holds(source, destination, port)]


def predict(firebreak, engine):
    code, out, err = firebreak.run("paths", "--all", "--format", "json", "--host", f"e={engine.url}", timeout=300)
    if code not in (0, 1, 3) or not out.startswith("{"):
        raise AssertionError(f"paths exited with {code}\n{out[:2000]}\n{err[:2000]}")
    return Predicted(json.loads(out))


AGREE, UNKNOWN = "agree", "unknown"


def verdict(key, measured, predicted, taken):
    """AGREE, UNKNOWN, or words for the disagreement."""
    sender, protocol, _, destination, port = key
    flows = predicted.flows(*key)
    surely = [flow for flow in flows if flow.open]
    unsure = len(flows) > len(surely)
    if measured[0] == "open":
        if measured[1] == sender or any(flow.delivers(*measured[1:]) for flow in surely):
            return AGREE
        return UNKNOWN if unsure else "open, but firebreak says no"
    beyond = [flow for flow in surely if flow.to != HOST or sender == HOST]
    if measured[0] == "taken":
        # The connection was opened at the receiver itself, but nothing more came through (a rule for what is
        # established); a relay's other half is a connection of its own.
        relayed = [flow for flow in beyond if flow.raw["via"] == "userland-proxy"]
        return "taken by a relay, but firebreak says that it is delivered" if relayed else AGREE
    if not surely:
        return UNKNOWN if unsure else AGREE
    # Whoever has this port of the host answers no datagrams: not measured.
    if protocol == "udp" and not beyond and ["udp", destination, port] in taken.get(HOST, []):
        return UNKNOWN
    return "shut, but firebreak says that it is open"


class Comparison:
    def __init__(self):
        self.counts = {"probes": 0, "open": 0, "taken": 0, "shut": 0, "unknown": 0}
        self.wrong = []  # (key, measured, words, [flows])

    def add(self, measured, predicted, only=None):
        for key, found in measured.found.items():
            if only is not None and key not in only:
                continue
            said = verdict(key, found, predicted, measured.taken)
            self.counts["probes"] += 1
            self.counts[found[0]] += 1
            self.counts["unknown"] += said == UNKNOWN
            if said not in (AGREE, UNKNOWN):
                self.wrong.append((key, found, said, [flow.text() for flow in predicted.flows(*key)]))

    def text(self, most=20):
        lines = [f"{len(self.wrong)} disagreements of {self.counts['probes']} probes"]
        for key, found, said, flows in self.wrong[:most]:
            lines.append(f"  {' '.join(map(str, key))}: measured {' '.join(map(str, found))}: {said}")
            lines += [f"      {flow}" for flow in flows]
        return "\n".join(lines)


def compare(measured, predicted, ports_listened, source_ports=()):
    """All disagreements; each is measured again with patience, and from the ports that rules name, before it
    counts."""
    first = Comparison()
    first.add(measured, predicted)
    if not first.wrong:
        return first
    doubtful = [key for key, *_ in first.wrong]
    if len(doubtful) <= 3000:  # more than that is no busy machine
        measured.ask(doubtful, ports_listened, patience=3000)
        shut = [key for key in doubtful if measured.found[key][0] == "shut"]
        if shut and source_ports:
            measured.ask_from_ports(shut, ports_listened, source_ports)
        second = Comparison()
        second.add(measured, predicted)
        return second
    return first
