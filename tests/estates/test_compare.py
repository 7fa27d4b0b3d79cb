"""The comparison and the shrinking themselves: an oracle that cannot disagree would prove nothing."""
import unittest

import random_estate
from compare import AGREE, UNKNOWN, Comparison, Predicted, verdict
from measure import HOST
from shrink import shrink, smaller

KEY = ("dev", "tcp", "10.1.0.2", "10.2.0.1", 8080)
RELAY = {"from": {"container": "dev"}, "to": {"container": "prod"}, "protocol": "tcp", "sources": ["10.1.0.2"],
         "address": "10.2.0.1", "ports": "80,8080-8081", "delivered": {"address": "10.2.0.2", "ports": "80"},
         "via": "userland-proxy", "verdict": "open"}
SERVICE = {**RELAY, "to": {"container": None}, "delivered": {"address": "10.2.0.1", "ports": "1-65535"},
           "ports": "1-65535", "via": "host-service"}
DELIVERED = ("open", "prod", "10.2.0.2", 80)


def say(found, *flows, key=KEY, taken=None):
    return verdict(key, found, Predicted({"flows": list(flows), "gaps": []}), taken or {})


class Verdicts(unittest.TestCase):
    def test_what_was_delivered_must_be_predicted_in_every_detail(self):
        self.assertEqual(AGREE, say(DELIVERED, RELAY))
        for wrong in ({"to": {"container": "other"}}, {"sources": ["10.1.0.3"]}, {"address": "10.2.0.3"}, {"ports": "8081"},
                      {"delivered": {"address": "10.2.0.3", "ports": "80"}}, {"delivered": {"address": "10.2.0.2", "ports": "81"}},
                      {"protocol": "udp"}, {"from": {"container": None}}):
            self.assertIn("says no", say(DELIVERED, {**RELAY, **wrong}), wrong)
        self.assertIn("says no", say(DELIVERED))

    def test_ranges(self):
        for same in ({"sources": ["10.1.0.0-10.1.0.255"]}, {"address": "10.2.0.0/24"}, {"ports": "1-65535"},
                     {"sources": ["fd00::1", "10.1.0.2"]}):
            self.assertEqual(AGREE, say(DELIVERED, {**RELAY, **same}), same)

    def test_what_was_not_delivered_must_not_be_predicted(self):
        self.assertEqual(AGREE, say(("shut", "silence")))
        self.assertIn("says that it is open", say(("shut", "silence"), RELAY))
        self.assertIn("says that it is open", say(("shut", "reset"), SERVICE))
        self.assertIn("by a relay", say(("taken", "closed"), RELAY))
        self.assertEqual(AGREE, say(("taken", "mute"), SERVICE))
        self.assertEqual(AGREE, say(("taken", "mute")))

    def test_what_is_not_known_is_neither(self):
        unsure = {**RELAY, "verdict": "unknown"}
        self.assertEqual(UNKNOWN, say(DELIVERED, unsure))
        self.assertEqual(UNKNOWN, say(("shut", "silence"), unsure))
        self.assertIn("says that it is open", say(("shut", "silence"), unsure, SERVICE))

    def test_a_datagram_to_a_port_that_somebody_has_is_not_measured(self):
        key, flow = ("dev", "udp", "10.1.0.2", "10.2.0.1", 8080), {**SERVICE, "protocol": "udp"}
        taken = {HOST: [["udp", "10.2.0.1", 8080]]}
        self.assertEqual(UNKNOWN, say(("shut", "silence"), flow, key=key, taken=taken))
        self.assertIn("says that it is open", say(("shut", "silence"), flow, key=key))

    def test_echo_requests_have_no_ports(self):
        key, flow = ("dev", "echo", "10.1.0.2", "10.2.0.2", 0), {**RELAY, "protocol": "icmp", "address": "10.2.0.2", "ports": "",
                                                                 "delivered": {"address": "10.2.0.2", "ports": ""}}
        self.assertEqual(AGREE, say(("open", "prod", "10.2.0.2", 0), flow, key=key))
        self.assertIn("says no", say(("open", "prod", "10.2.0.2", 0), RELAY, key=key))

    def test_they_are_counted_and_told(self):
        class Found:
            found = {KEY: DELIVERED, (*KEY[:4], 81): ("shut", "silence")}
            taken = {}
        comparison = Comparison()
        comparison.add(Found, Predicted({"flows": [SERVICE], "gaps": []}))
        self.assertEqual({"probes": 2, "open": 1, "taken": 0, "shut": 1, "unknown": 0}, comparison.counts)
        self.assertIn("dev tcp 10.1.0.2 10.2.0.1 8080: measured open prod 10.2.0.2 80: open, but firebreak says no", comparison.text())


class Estates(unittest.TestCase):
    def test_a_seed_is_an_estate_and_all_options_occur(self):
        self.assertEqual(random_estate.Generator(7).estate(), random_estate.Generator(7).estate())
        features = set()
        for seed in range(300):
            generator = random_estate.Generator(seed)
            generator.estate()
            features |= generator.features
        for feature in ("internal network", "icc=false network", "no masquerade", "bridge name", "IPv6 network", "multi-homed",
                        "mode host", "mode none", "mode container", "publish a range", "publish on loopback", "publish udp",
                        "engine:no-proxy", "engine:six", "rule negation", "rule conntrack", "rule -j REJECT", "nft vmap", "nft set"):
            self.assertIn(feature, features)
        generator = random_estate.Generator(9, nft=False)
        self.assertEqual([], generator.estate()["tables"])

    def test_shrinking_keeps_what_is_to_blame(self):
        def fails(estate):
            return any(c["name"] == "box1" for c in estate["containers"]) and any(n["icc"] for n in estate["networks"])
        seed = next(seed for seed in range(100) if fails(random_estate.Generator(seed).estate()))
        small = shrink(random_estate.Generator(seed).estate(), fails, steps=1000)
        self.assertLessEqual(len(small["containers"]), 2)  # box1, and box0 if it stands in its namespace
        self.assertEqual((1, [], [], []), (len(small["networks"]), small["rules"], small["tables"], small["services"]))

    def test_smaller_estates_can_still_be_built(self):
        for seed in range(50):
            for estate in smaller(random_estate.Generator(seed).estate()):
                networks = {network["name"] for network in estate["networks"]}
                names = {container["name"] for container in estate["containers"]}
                for container in estate["containers"]:
                    self.assertLessEqual(set(container["more"]), networks)
                    mode = container["mode"]
                    self.assertTrue(mode in networks | {"bridge", "host", "none"} or mode.split(":")[-1] in names, mode)


if __name__ == "__main__":
    unittest.main()
