"""Speaks to the tool probe_estate: listeners in namespaces, and thousands of probes at once."""
import json
import os
import subprocess

BUILD = os.environ.get("FIREBREAK_BUILD", "build/dev")


def place(namespace):
    """Where a namespace is: an engines.Namespace, or the id of a process in it."""
    return f"/proc/{namespace}/ns/net" if isinstance(namespace, int) else f"/run/netns/{namespace.name}"


def probe_estate(plan, timeout=300):
    """What the tool prints for a plan (see tests/probe_estate.cc)."""
    done = subprocess.run([f"{BUILD}/tests/probe_estate"], input=json.dumps(plan) + "\n", text=True, timeout=timeout,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise AssertionError(f"probe_estate exited with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


class Services:
    """Listeners that stay until they are closed; they answer as temporary ones do."""

    def __init__(self, listen):
        self.process = subprocess.Popen([f"{BUILD}/tests/probe_estate"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps({"listen": listen, "hold": True}) + "\n")
        self.process.stdin.flush()
        self.taken = json.loads(self.process.stdout.readline())["taken"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
