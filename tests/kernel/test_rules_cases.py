"""One small rule set for each point where the kernel's answer hangs on a detail: both backends, real connections,
and the simple evaluator says the same. Random rule sets (test_rules_agree.py) seldom hit these."""
import itertools
import unittest

import engines
import random_rules
from router import Router, agrees

# Name; what is loaded (a table's name before its rules; chains A and B are declared where used); what a TCP
# connection from the first sender to port 80 of the first receiver comes to.
FROM, TO, OTHER = "10.77.1.2", "10.77.2.2", "10.77.3.3"
NOTRACK = "raw: PREROUTING -i in0 -j NOTRACK | "
DNAT = f"nat: PREROUTING -p tcp -j DNAT --to-destination {OTHER} | "
CASES = [
    ("a jump returns", "filter: FORWARD -j A; FORWARD -j DROP; A -j B; A -j ACCEPT", "open"),
    ("a goto returns to the caller's caller", "filter: FORWARD -j A; FORWARD -j DROP; A -g B; A -j ACCEPT", "silent"),
    ("a goto of a base chain returns to the policy", "filter: FORWARD -g A; FORWARD -j DROP", "open"),
    ("return of a base chain is the policy", "filter: FORWARD -j RETURN; FORWARD -j DROP", "open"),
    ("accept ends one table only", "mangle: FORWARD -j ACCEPT | filter: FORWARD -j DROP", "silent"),
    ("drop ends all", "mangle: FORWARD -j DROP | filter: FORWARD -j ACCEPT", "silent"),
    ("security comes after filter", "filter: FORWARD -j ACCEPT | security: FORWARD -j DROP", "silent"),
    ("reject", "filter: FORWARD -p tcp -j REJECT --reject-with tcp-reset", "refused"),
    ("xor-mark flips", "mangle: PREROUTING -j MARK --set-mark 0x5; PREROUTING -j MARK --xor-mark 0x1 | "
                       "filter: FORWARD -i in0 -m mark ! --mark 0x4 -j DROP", "open"),
    ("set-xmark clears, then flips", "mangle: PREROUTING -j MARK --set-mark 0x3; PREROUTING -j MARK --set-xmark 0x3/0x1 | "
                                     "filter: FORWARD -i in0 -m mark ! --mark 0x1 -j DROP", "open"),
    ("set-mark sets", "mangle: PREROUTING -j MARK --set-mark 0x3; PREROUTING -j MARK --set-mark 0x3/0x1 | "
                      "filter: FORWARD -i in0 -m mark ! --mark 0x3 -j DROP", "open"),
    ("marks move by the connection", "mangle: PREROUTING -j MARK --set-mark 0x7; PREROUTING -j CONNMARK --save-mark --mask 0x3; "
                                     "PREROUTING -j MARK --set-mark 0x8; PREROUTING -j CONNMARK --restore-mark --mask 0xf | "
                                     "filter: FORWARD -i in0 -m mark ! --mark 0x3 -j DROP", "open"),
    ("a mark beyond its mask never matches", "mangle: PREROUTING -j MARK --set-mark 0x3 | "
                                             "filter: FORWARD -m mark --mark 0x3/0x1 -j DROP", "open"),
    ("no connection in raw", "raw: PREROUTING -i in0 -m conntrack --ctstate NEW -j DROP", "open"),
    ("invalid in raw", "raw: PREROUTING -i in0 -m conntrack --ctstate INVALID -j DROP", "silent"),
    ("untracked in raw", "raw: PREROUTING -i in0 -j CT --notrack; PREROUTING -m conntrack --ctstate UNTRACKED -j DROP", "silent"),
    ("untracked later", NOTRACK + "filter: FORWARD -i in0 -m state --state UNTRACKED -j DROP", "silent"),
    ("untracked skips nat", NOTRACK + f"nat: PREROUTING -i in0 -p tcp -j DNAT --to-destination {OTHER}", "open D 10.77.2.2"),
    ("untracked has no mark", NOTRACK + "filter: FORWARD -i in0 -m connmark ! --mark 0x1 -j DROP", "open"),
    ("untracked has no original", NOTRACK + "filter: FORWARD -i in0 -m conntrack ! --ctorigdst 1.2.3.4 -j DROP", "open"),
    ("tracked has an original", "filter: FORWARD -i in0 -m conntrack ! --ctorigdst 1.2.3.4 -j DROP", "silent"),
    ("the first dnat counts", f"nat: PREROUTING -p tcp -j DNAT --to-destination {OTHER}; "
                              f"PREROUTING -j DNAT --to-destination {TO}", "open D 10.77.3.3"),
    ("accept ends nat", f"nat: PREROUTING -j ACCEPT; PREROUTING -j DNAT --to-destination {OTHER}", "open D 10.77.2.2"),
    ("dnat is a state", DNAT + "filter: FORWARD -i in0 -m conntrack --ctstate DNAT -j DROP", "silent"),
    ("dnat to where it goes is none", f"nat: PREROUTING -j DNAT --to-destination {TO} | "
                                      "filter: FORWARD -m conntrack --ctstate DNAT -j DROP", "open"),
    ("the original survives dnat", DNAT + f"filter: FORWARD -p tcp -m conntrack --ctorigdst {TO} --ctorigdstport 80 -j DROP", "silent"),
    ("mangle comes before nat", DNAT + f"mangle: PREROUTING -d {OTHER} -j DROP", "open"),
    ("filter comes after nat", DNAT + f"filter: FORWARD -d {OTHER} -j DROP", "silent"),
    ("a port in the range is kept", f"nat: PREROUTING -p tcp -j DNAT --to-destination {OTHER}:79-90", "open D 10.77.3.3 80"),
    ("redirect", "nat: PREROUTING -p tcp -j REDIRECT --to-ports 8080", "open R 10.77.1.1 8080"),
    ("masquerade", "nat: POSTROUTING -o out0 -j MASQUERADE", "open D 10.77.2.2 80 10.77.2.1"),
    ("snat on the way in", "nat: PREROUTING -j REDIRECT; INPUT -j SNAT --to-source 10.77.1.9", "open R 10.77.1.1 80 10.77.1.9"),
    ("a set with too few dimensions", "filter: FORWARD -m set --match-set services dst -j DROP", "open"),
    ("and its negation", "filter: FORWARD -i in0 -m set ! --match-set services dst -j DROP", "silent"),
    ("a set with two", "filter: FORWARD -m set --match-set services dst,dst -j DROP", "silent"),
    ("a list by its members' dimensions", "filter: FORWARD -m set --match-set all dst,dst -j DROP", "silent"),
    ("a list by fewer", "filter: FORWARD -m set --match-set all dst -j DROP", "open"),
    ("a bitmap of ports", "filter: FORWARD -m set --match-set ports dst -j DROP", "silent"),
    ("a set of masked addresses", "filter: FORWARD -m set --match-set masked src -j DROP", "silent"),
    ("the interface of a set", "filter: FORWARD -m set --match-set links src,src -j DROP", "silent"),
    ("the other interface of a set", "filter: FORWARD -m set --match-set links src,dst -j DROP", "open"),
    ("connlimit counts the connection itself", "filter: FORWARD -i in0 -m connlimit --connlimit-above 0 -j DROP", "silent"),
    ("connlimit above more", "filter: FORWARD -i in0 -m connlimit --connlimit-above 100 -j DROP", "open"),
    ("hashlimit above", "filter: FORWARD -i in0 -m hashlimit --hashlimit-above 50/sec --hashlimit-name a -j DROP", "open"),
    ("hashlimit up to", "filter: FORWARD -i in0 -m hashlimit --hashlimit-upto 50/sec --hashlimit-name b -j DROP", "silent"),
    ("fragments", "filter: FORWARD -i in0 -f -j DROP", "open"),
    ("no fragments", "filter: FORWARD -i in0 ! -f -j DROP", "silent"),
    ("either port", "filter: FORWARD -i in0 -p tcp -m multiport --ports 80,81 -j DROP", "silent"),
    ("neither port", "filter: FORWARD -i in0 -p tcp -m multiport ! --ports 80,81 -j DROP", "open"),
    ("no bridge", "filter: FORWARD -i in0 -m physdev ! --physdev-in in0 -j DROP", "silent"),
    ("not bridged", "filter: FORWARD -i in0 -m physdev ! --physdev-is-bridged -j DROP", "silent"),
    ("bridged", "filter: FORWARD -i in0 -m physdev --physdev-is-in -j DROP", "open"),
    ("a mask with holes", "filter: FORWARD -d 10.0.2.2/255.240.255.255 -j DROP", "open"),
    ("another mask with holes", "filter: FORWARD -d 10.13.2.2/255.15.255.255 -j DROP", "silent"),
    ("syn", "filter: FORWARD -i in0 -p tcp --syn -j DROP", "silent"),
    ("not syn", "filter: FORWARD -i in0 -p tcp --tcp-flags SYN,ACK SYN,ACK -j DROP", "open"),
    ("a prefix of names", "filter: FORWARD -i in+ ! -o out1 -j DROP", "silent"),
    ("any name", "filter: FORWARD -i + -o out1 -j DROP", "open"),
    ("an interface that cannot be", "filter: FORWARD ! -i in0 ! -o in0 -j DROP", "open"),
    ("a comment that looks like rules", "filter: FORWARD -p udp -m comment --comment \"-j \\\"DROP\" -j DROP", "open"),
]
SETS = f"""create services hash:ip,port family inet
add services {TO},tcp:80
create hosts hash:ip family inet
add hosts 10.77.9.9
create all list:set size 8
add all services
add all hosts
create ports bitmap:port range 0-1000
add ports 80
create masked hash:ip family inet netmask 24
add masked 10.77.1.99
create links hash:net,iface family inet
add links 10.77.1.0/24,in0
"""


def rule_set(text):
    """The tables of a case, with all built-in chains declared."""
    lines = {table: [] for table in random_rules.ALL}
    for part in text.split(" | "):
        table, _, rules = part.strip().partition(": ")
        lines[table] += [f"-A {rule.strip()}" for rule in rules.split(";")]
    out = ""
    for table, chains in random_rules.ALL.items():
        own = [chain for chain in "AB" if any(f" {chain} " in f"{line} " for line in lines[table])]
        out += f"*{table}\n" + "".join(f":{chain} ACCEPT [0:0]\n" for chain in chains)
        out += "".join(f":{chain} - [0:0]\n" for chain in own) + "".join(line + "\n" for line in lines[table]) + "COMMIT\n"
    return out


class RulesCases(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        engines.require("ip", "nsenter", "ipset", "iptables-nft-restore", "iptables-legacy-restore")
        cls.router = Router(4)
        cls.addClassCleanup(cls.router.close)
        cls.ports = itertools.count(20000)

    def test_each_case_on_both_backends(self):
        for backend in ("nft", "legacy"):
            for name, rules, expected in CASES:
                with self.subTest(name, backend=backend):
                    try:
                        self.router.load(backend, rule_set(rules), SETS)
                        self.compare(expected)
                    finally:
                        self.router.unload(backend, random_rules.empty())

    def ask(self, patience):
        """What the evaluator says of a new connection, what comes of it, and why."""
        probe = {"proto": 6, "src": FROM, "sport": next(self.ports), "dst": TO, "dport": 80}
        possible, why = self.router.predict([probe])
        self.assertEqual(len(possible[0]), 1, why)
        return possible[0], self.router.probe([probe], patience)[0], "\n".join(why[0])

    def compare(self, expected):
        said, came, why = self.ask(0.4)
        if came == "silent" and expected != "silent":  # a busy machine, perhaps
            said, came, why = self.ask(5)
        self.assertTrue(agrees(said, came), f"evaluated {said}, measured {came}\n{why}")
        self.assertTrue(f"{came} ".startswith(f"{expected} "), f"expected {expected}, measured {came}")


if __name__ == "__main__":
    unittest.main()
