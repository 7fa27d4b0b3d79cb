"""Run inside a namespace: connections from chosen ports. Reads [[protocol, source, source port, destination, port]] as
JSON and prints the word that came for each, or null."""
import json
import select
import socket
import sys
import time

PATIENCE = 1.5


def opened(protocol, source, source_port, destination, port):
    family = socket.AF_INET6 if ":" in destination else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    try:
        sock.bind((source, source_port))
        sock.connect((destination, port))
        if protocol == "udp":
            sock.send(b"from a chosen port")
    except BlockingIOError:
        pass
    except OSError:
        sock.close()
        return None
    return sock


def words(targets):
    poll, sockets, out = select.epoll(), {}, [None] * len(targets)
    for i, target in enumerate(targets):
        sock = opened(*target)
        if sock:
            sockets[sock.fileno()] = (i, sock)
            poll.register(sock, select.EPOLLIN)
    end = time.monotonic() + PATIENCE
    while sockets and (left := end - time.monotonic()) > 0:
        for number, _ in poll.poll(left):
            i, sock = sockets.pop(number)
            try:
                out[i] = sock.recv(512).decode(errors="replace") or None
            except OSError:
                pass
            sock.close()
    for _, sock in sockets.values():
        sock.close()
    return out


if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    print(json.dumps([word for i in range(0, len(wanted), 1000) for word in words(wanted[i:i + 1000])]))
