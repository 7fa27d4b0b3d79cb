#!/usr/bin/env python3
"""record.py SOCKET FILE: asks an engine what collect_engine asks and writes the answers, one a line.

What no version of the collector reads is left out, so that a recording stays small enough to read.
"""
import http.client
import json
import socket
import sys

NOISE = {"GraphDriver", "LogPath", "ResolvConfPath", "HostnamePath", "HostsPath", "TLSInfo", "DriverStatus",
         "RegistryConfig", "ContainerdCommit", "RuncCommit", "InitCommit", "Resources", "NetworksAttachments",
         "BlkioWeightDevice", "ConsoleSize", "Ulimits", "Log", "RootFS", "ContainerConfig", "Data", "Runtimes",
         "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"}


class Engine(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def strip(value):
    if isinstance(value, dict):
        return {k: strip(v) for k, v in value.items() if k not in NOISE}
    return [strip(v) for v in value] if isinstance(value, list) else value


def main():
    engine, answers = Engine(sys.argv[1]), {}

    def ask(path):
        engine.request("GET", path)
        answer = engine.getresponse()
        body = json.loads(answer.read())
        answers[path] = strip(body)
        return body

    version = "/v" + ask("/version")["ApiVersion"]
    info = ask(version + "/info")
    for container in ask(version + "/containers/json?all=1"):
        ask(f"{version}/containers/{container['Id']}/json")
    podman = info.get("BuildahVersion") is not None
    for network in ask(version + "/networks"):
        # Podman's list calls its default network "bridge"; it is asked for as "podman".
        name = "podman" if network["Id"].startswith("2f259bab93aa") else network["Name"]
        ask(f"{version}/networks/{name if podman else network['Id']}")
    ask(version + "/volumes")
    for image in ask(version + "/images/json"):
        ask(f"{version}/images/{image['Id']}/json")
    if info["Swarm"]["ControlAvailable"]:
        running = "/tasks?filters=%7B%22desired-state%22%3A%5B%22running%22%5D%7D"
        for path in ("/services", running, "/nodes", "/secrets", "/configs"):
            ask(version + path)
    with open(sys.argv[2], "w") as out:
        lines = [f"{json.dumps(path)}: {json.dumps(body, separators=(',', ':'))}" for path, body in answers.items()]
        out.write("{\n" + ",\n".join(lines) + "\n}\n")


main()
