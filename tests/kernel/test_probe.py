"""Real probes between network namespaces: every way in which one can end, and who is reached."""
import itertools
import subprocess
import time
import unittest

import engines
from probing import Services, place, probe_estate

CLIENT, SERVER, OTHER = ("10.78.0.2", "10.78.0.3", "10.78.0.4")
CLIENT6, SERVER6 = ("fd00:78::2", "fd00:78::3")
ICMP_UNREACHABLE, PORT, PROHIBITED = 3, 3, 13

# What the server does with a port before anybody listens there.
RULES = """*filter
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp --dport 81 -j DROP
-A INPUT -p tcp --dport 82 -j REJECT
-A INPUT -p tcp --dport 83 -j REJECT --reject-with tcp-reset
-A INPUT -p udp --dport 81 -j DROP
-A INPUT -p udp --dport 82 -j REJECT
-A OUTPUT -p udp --sport 84 -j DROP
-A OUTPUT -p tcp --sport 84 -j DROP
{prohibit}
COMMIT
"""
FOUR = RULES.format(prohibit="\n".join(f"-A INPUT -p {p} --dport 85 -j REJECT --reject-with icmp-admin-prohibited" for p in ("tcp", "udp")))
SIX = RULES.format(prohibit="\n".join(f"-A INPUT -p {p} --dport 85 -j REJECT --reject-with icmp6-adm-prohibited" for p in ("tcp", "udp")))
LISTENING = [80, 81, 82, 83, 84, 85]


class Probes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        engines.require("ip", "nsenter", "iptables-nft-restore", "ip6tables-nft-restore")
        cls.client, cls.server = engines.Namespace("client"), engines.Namespace("server")
        for namespace in (cls.client, cls.server):
            cls.addClassCleanup(namespace.close)
        engines.run("ip", "-n", cls.client.name, "link", "add", "to", "type", "veth", "peer", "name", "from", "netns", cls.server.name)
        for namespace, link, addresses in ((cls.client, "to", (CLIENT, CLIENT6)), (cls.server, "from", (SERVER, OTHER, SERVER6))):
            for address in addresses:
                namespace.run("ip", "address", "add", address + ("/64" if ":" in address else "/24"), "dev", link,
                              *(["nodad"] if ":" in address else []))
            namespace.run("ip", "link", "set", link, "up")
            for setting in ("net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_msgs_per_sec=1000000",
                            "net.ipv4.icmp_msgs_burst=1000000", "net.ipv6.icmp.ratelimit=0"):
                namespace.run("sysctl", "-qw", setting, check=False)
        # A fresh link says nothing of IPv6 until it knows that its own address is nobody else's.
        while any("tentative" in namespace.run("ip", "address")[1] for namespace in (cls.client, cls.server)):
            time.sleep(0.05)
        cls.server.run("iptables-nft-restore", stdin=FOUR)
        cls.server.run("ip6tables-nft-restore", stdin=SIX)

    def ask(self, *targets, listen=LISTENING, addresses=(SERVER, OTHER, SERVER6), **options):
        """Outcomes, and the tool's whole answer."""
        listening = [{"name": "server", "namespace": place(self.server), "addresses": list(addresses),
                      "tcp": listen, "udp": listen}]
        plan = {"listen": listening, "patience_ms": 300, "retries": 1, **options,
                "probe": [{"namespace": place(self.client), "targets": list(targets)}]}
        answer = probe_estate(plan)
        return answer["results"][0], answer

    def test_every_end_of_a_connection(self):
        for server, client in ((SERVER, CLIENT), (SERVER6, CLIENT6)):
            results, _ = self.ask(*(["tcp", None, server, port] for port in (80, 81, 82, 83, 84, 85, 90)))
            self.assertEqual(["answered", "silence", "unreachable", "reset", "silence", "prohibited", "reset"],
                             [result[0] for result in results])
            self.assertTrue(results[0][1].startswith(f"server {server} 80 {client} "), results[0])
            for refused in (results[2], results[5]):
                self.assertEqual(server, refused[2][2], "who refused")
        self.assertEqual([ICMP_UNREACHABLE, PORT], self.ask(["tcp", None, SERVER, 82])[0][0][2][:2])
        self.assertEqual([ICMP_UNREACHABLE, PROHIBITED], self.ask(["tcp", None, SERVER, 85])[0][0][2][:2])

    def test_every_end_of_a_datagram(self):
        for server, client in ((SERVER, CLIENT), (SERVER6, CLIENT6)):
            results, answer = self.ask(*(["udp", None, server, port] for port in (80, 81, 82, 84, 85, 90)))
            self.assertEqual(["answered", "silence", "unreachable", "silence", "prohibited", "unreachable"],
                             [result[0] for result in results])
            self.assertTrue(results[0][1].startswith(f"server {server} 80 {client} ") and
                            results[0][1].endswith(" marker.0-0\n"), results[0])
            # The datagrams to port 84 arrived, twice, though the answers did not.
            arrived = sorted((port, payload) for _, protocol, _, port, _, _, payload in answer["arrivals"] if protocol == "udp")
            self.assertEqual([(80, "marker.0-0"), (84, "marker.0-3"), (84, "marker.0-3")], arrived)

    def test_echo_requests(self):
        results, _ = self.ask(["echo", None, SERVER, 0], ["echo", CLIENT, OTHER, 0], ["echo", CLIENT6, SERVER6, 0],
                              ["echo", None, "10.78.0.99", 0], ["echo", SERVER, SERVER, 0], ["echo", None, "10.79.0.1", 0])
        self.assertEqual(["answered", "answered", "answered", "silence", "no such source", "no route"],
                         [result[0] for result in results])

    def test_what_is_not_sent(self):
        results, _ = self.ask(["tcp", None, "10.79.0.1", 80], ["udp", None, "fd00:79::1", 80],
                              ["tcp", SERVER, SERVER, 80], ["udp", "127.0.0.1", SERVER, 80])
        self.assertEqual(["no route", "no route", "no such source"], [result[0] for result in results[:3]])
        self.assertIn(results[3][0], ("not sent", "silence"))

    def test_the_chosen_source_is_used_and_the_asked_address_answers(self):
        engines.run("ip", "-n", self.client.name, "address", "add", "10.78.0.7/24", "dev", "to")
        self.addCleanup(engines.run, "ip", "-n", self.client.name, "address", "del", "10.78.0.7/24", "dev", "to")
        for protocol in ("tcp", "udp"):
            results, _ = self.ask([protocol, "10.78.0.7", OTHER, 80])
            self.assertTrue(results[0][1].startswith(f"server {OTHER} 80 10.78.0.7 "), results[0])

    def test_mute_and_closed_connections_are_told_from_those_that_speak(self):
        mute = ("import socket, time\n"
                "s = socket.create_server(('10.78.0.3', 86)); t = socket.create_server(('10.78.0.3', 87))\n"
                "print('ready', flush=True)\n"
                "while True: t.accept()[0].close()\n")
        process = subprocess.Popen(["nsenter", f"--net={place(self.server)}", "python3", "-c", mute], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual("ready\n", process.stdout.readline())
        targets = [["tcp", None, SERVER, 86], ["tcp", None, SERVER, 87]]
        self.assertEqual(["mute", "closed"], [result[0] for result in self.ask(*targets)[0]])
        self.assertEqual(["answered"] * 2, [result[0] for result in self.ask(*targets, word=False)[0]])

    def test_listeners_leave_taken_ports_alone_and_go_with_their_process(self):
        services = Services([{"name": "service", "namespace": place(self.server), "addresses": [SERVER], "tcp": [88], "udp": [88]}])
        try:
            results, answer = self.ask(["tcp", None, SERVER, 88], ["udp", None, OTHER, 88], listen=[88])
            self.assertEqual(["service", "service"], [result[1].split()[0] for result in results])
            self.assertEqual(6, len(answer["taken"]["server"]), answer["taken"])
            services.process.kill()
            services.process.wait()
        finally:
            services.close()
        results, answer = self.ask(["tcp", None, SERVER, 88], ["udp", None, OTHER, 88], listen=[88])
        self.assertEqual(["server", "server"], [result[1].split()[0] for result in results])
        self.assertEqual([], answer["taken"]["server"])

    def test_a_port_taken_on_one_address_is_opened_on_the_others(self):
        one = "import socket; s = socket.create_server(('10.78.0.3', 89)); print('ready', flush=True); s.accept()"
        process = subprocess.Popen(["nsenter", f"--net={place(self.server)}", "python3", "-c", one], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual("ready\n", process.stdout.readline())
        results, answer = self.ask(["tcp", None, OTHER, 89], ["tcp", None, SERVER, 89], listen=[89])
        self.assertEqual(f"server {OTHER} 89", " ".join(results[0][1].split()[:3]))
        self.assertNotEqual("server", results[1][1].split()[:1])
        self.assertEqual([["tcp", SERVER, 89]], answer["taken"]["server"])

    def test_thousands_at_once(self):
        """Answered, refused and silent ones mixed: each gets its own answer."""
        expected = itertools.cycle(["answered", "silence", "unreachable", "reset"])
        targets = [["tcp", None, (SERVER, OTHER)[i % 8 > 3], 80 + i % 4] for i in range(8000)]
        results, _ = self.ask(*targets, window=8000, patience_ms=4000, retries=0)
        wrong = [(target, result) for target, result, outcome in zip(targets, results, expected) if result[0] != outcome]
        self.assertEqual([], wrong[:5])


if __name__ == "__main__":
    unittest.main()
