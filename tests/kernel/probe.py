"""Both ends of a probe, run inside network namespaces.

probe.py serve NAME ADDRESS…   listens on every port of PORTS, TCP and UDP, and answers each caller with what it
                               saw: NAME, its own address and port, the caller's address and port.
probe.py connect               reads lists of probes as JSON, one a line, sends all of a list at once and prints
                               what came of each: "open …", "open" (connected, no word), "refused" or "silent".
"""
import errno
import json
import select
import socket
import sys
import time

PORTS = (80, 81, 443, 5000, 5001, 5002, 8080)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listen(address, port, kind):
    sock = socket.socket(family_of(address), kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    if kind == socket.SOCK_STREAM:
        sock.listen(512)
    sock.setblocking(False)
    return sock


def serve(name, addresses):
    sockets = {}
    poll = select.epoll()
    for address in addresses:
        for port in PORTS:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                sock = listen(address, port, kind)
                sockets[sock.fileno()] = (sock, kind, f"{name} {address} {port}")
                poll.register(sock, select.EPOLLIN)
    print("ready", flush=True)
    while True:
        for number, _ in poll.poll():
            sock, kind, saw = sockets[number]
            try:
                if kind == socket.SOCK_STREAM:
                    caller, peer = sock.accept()
                    with caller:
                        caller.sendall(f"{saw} {peer[0]} {peer[1]}".encode())
                else:
                    peer = sock.recvfrom(100)[1]
                    sock.sendto(f"{saw} {peer[0]} {peer[1]}".encode(), peer)
            except OSError:
                pass  # the caller is gone


class Probe:
    def __init__(self, probe):
        self.tcp = probe["proto"] == 6
        self.sock = socket.socket(family_of(probe["dst"]), socket.SOCK_STREAM if self.tcp else socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        v6 = family_of(probe["dst"]) == socket.AF_INET6
        # IP_RECVERR and IPV6_RECVERR: every ICMP error counts, not only the hard ones.
        self.sock.setsockopt(*((socket.IPPROTO_IPV6, 25) if v6 else (socket.IPPROTO_IP, 11)), 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.bind((probe["src"], probe["sport"]))
        self.answer = None
        self.connected = False
        try:
            self.sock.connect((probe["dst"], probe["dport"]))
            if not self.tcp:
                self.sock.send(b"?")
        except BlockingIOError:
            pass
        except OSError:
            self.answer = "refused"

    def ready(self):
        if self.answer is not None:
            return
        error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:  # a reset tears down what was open; a refusal never was
            self.answer = "open" if self.connected or error == errno.ECONNRESET else "refused"
            return
        self.connected = self.connected or self.tcp
        try:
            word = self.sock.recv(200).decode()
            self.answer = "open " + word if word else "open"
        except BlockingIOError:
            pass
        except OSError:
            self.answer = "open" if self.connected else "refused"

    def end(self):
        self.sock.close()
        return self.answer or ("open" if self.connected else "silent")


def connect():
    for line in sys.stdin:
        asked = json.loads(line)
        poll = select.epoll()
        probes = [Probe(probe) for probe in asked["probes"]]
        by_number = {probe.sock.fileno(): probe for probe in probes}
        for probe in probes:
            poll.register(probe.sock, select.EPOLLIN | (select.EPOLLOUT if probe.tcp else 0))
        end = time.monotonic() + asked["patience"]
        waiting = sum(probe.answer is None for probe in probes)
        while waiting and time.monotonic() < end:
            for number, _ in poll.poll(end - time.monotonic()):
                probe = by_number[number]
                probe.ready()
                if probe.answer is not None:
                    poll.unregister(probe.sock)
                elif probe.connected:
                    poll.modify(probe.sock, select.EPOLLIN)
            waiting = sum(probe.answer is None for probe in probes)
        print(json.dumps([probe.end() for probe in probes]), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3:])
    else:
        connect()
