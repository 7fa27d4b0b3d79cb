"""Real engines for tests: dockerd and podman in network and mount namespaces of their own, without an
uplink, several side by side. Everything a test starts is stopped by its own id."""
import atexit
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

_counter = itertools.count()
_DOCKER = "/usr/bin/docker" if os.path.exists("/usr/bin/docker") else "docker"
_SUITES = "/var/cache/firebreak-tests"  # newer engines, unpacked by scripts/fetch-engine


def require(*programs):
    """Skips the test, saying what is missing, unless it runs as root with these programs."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root for network namespaces")
    for program in programs:
        if shutil.which(program) is None and not os.path.exists(f"/usr/sbin/{program}"):
            raise unittest.SkipTest(f"needs {program} (FIREBREAK_TEST_DEPS=1 make test installs it)")


def run(*argv, env=None, cwd=None, stdin=None, timeout=120, check=True):
    """Runs a program; (exit code, stdout, stderr)."""
    full = dict(os.environ)
    full.update(env or {})
    done = subprocess.run(argv, env=full, cwd=cwd, input=stdin, timeout=timeout, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(argv)} exited with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.returncode, done.stdout, done.stderr


def busybox_root():
    """A root file system with a static busybox, made once a process."""
    if not hasattr(busybox_root, "path"):
        path = tempfile.mkdtemp(prefix="firebreak-root-")
        atexit.register(shutil.rmtree, path, ignore_errors=True)
        for folder in ("bin", "etc", "tmp", "data"):
            os.mkdir(os.path.join(path, folder))
        shutil.copy("/bin/busybox", os.path.join(path, "bin/busybox"))
        for applet in ("sh", "sleep", "cat", "nc", "ls", "true"):
            os.symlink("busybox", os.path.join(path, "bin", applet))
        busybox_root.path = path
    return busybox_root.path


class Namespace:
    """A network namespace of its own, with loopback up."""

    def __init__(self, label):
        self.name = f"fb-{os.getpid()}-{next(_counter)}-{label}"
        run("ip", "netns", "add", self.name)
        run("ip", "-n", self.name, "link", "set", "lo", "up")

    def spawn(self, script, log):
        """Runs a shell script in this network namespace and a private mount namespace."""
        return subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{self.name}", "unshare", "-m", "sh", "-ec",
             "mount --make-rprivate /; " + script],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def run(self, *argv, **options):
        return run("nsenter", f"--net=/run/netns/{self.name}", *argv, **options)

    def close(self):
        run("ip", "netns", "del", self.name, check=False)


def suite_root(suite):
    """The folder with another Debian suite's engine; skips the test where it was not fetched."""
    root = f"{_SUITES}/{suite}"
    if not os.path.exists(f"{root}/.fetched"):
        raise unittest.SkipTest(f"needs {root} (scripts/fetch-engine {suite} {root})")
    return root


def _enter(suite):
    """Shell lines that make a suite's folder the root, with this machine's processes, devices and /tmp."""
    if not suite:
        return "mkdir -p /etc/docker /run/docker; mount -t tmpfs t /etc/docker; mount -t tmpfs t /run/docker; "
    root = suite_root(suite)
    mounts = "; ".join(f"mount --rbind /{name} {root}/{name}" for name in ("proc", "sys", "dev", "tmp"))
    return (f"mount --bind {root} {root}; {mounts}; mount -t tmpfs t {root}/run; "
            f"mount -t tmpfs t {root}/etc/docker; cd {root}; pivot_root . oldroot; "
            "busybox umount -l /oldroot; export PATH=/usr/sbin:/usr/bin; ")


class Engine:
    """One dockerd. `extra` are further arguments of dockerd (a TCP listener, TLS, userns-remap); `suite` is the
    Debian suite that the engine is taken from, this system's own if empty."""

    def __init__(self, label="engine", extra="", images=("my-api",), suite=None):
        self.suite = os.environ.get("FIREBREAK_TEST_SUITE", "") if suite is None else suite
        require("dockerd", "nsenter", "ip")
        entering = _enter(self.suite)
        self.namespace = Namespace(label)
        self.folder = tempfile.mkdtemp(prefix="firebreak-engine-")
        self.socket = f"{self.folder}/d.sock"
        self.url = f"unix://{self.socket}"
        self.log = open(f"{self.folder}/log", "w")
        self.process = self.namespace.spawn(
            entering + self.command(
                self.url, f"--data-root {self.folder}/data --exec-root {self.folder}/exec "
                f"--pidfile {self.folder}/d.pid {extra}"), self.log)
        atexit.register(self.close)
        self._wait()
        for image in images:
            self.import_image(image)

    def command(self, address, rest):
        """The shell line that becomes the engine."""
        return f"exec dockerd -H {address} {rest}"

    def _wait(self):
        for _ in range(300):
            if run(_DOCKER, "-H", self.url, "version", check=False)[0] == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        with open(f"{self.folder}/log") as log:
            raise AssertionError("dockerd did not start:\n" + log.read()[-3000:])

    def docker(self, *words, check=True, stdin=None):
        """Runs the docker command line against this engine; its standard output, stripped."""
        return run(_DOCKER, "-H", self.url, *words, check=check, stdin=stdin)[1].strip()

    def shell(self, command):
        """Runs a pasted remedy as a user's shell would, with this engine as the default one."""
        return run("bash", "-ec", command, env={"DOCKER_HOST": self.url})

    def import_image(self, name, *changes):
        arguments = [word for change in ("CMD [\"sleep\",\"3600\"]", *changes) for word in ("-c", change)]
        tar = subprocess.Popen(["tar", "-C", busybox_root(), "-c", "."], stdout=subprocess.PIPE)
        subprocess.run([_DOCKER, "-H", self.url, "import", *arguments, "-", name], stdin=tar.stdout,
                       check=True, stdout=subprocess.DEVNULL)
        tar.stdout.close()
        tar.wait()

    def start(self, name, *options, image="my-api", command=()):
        """docker run -d --name NAME OPTIONS IMAGE COMMAND; the container's id."""
        return self.docker("run", "-d", "--name", name, *options, image, *command)

    def reset(self):
        """Removes all containers, networks and volumes, so that one engine serves many tests."""
        containers = self.docker("ps", "-aq").split()
        if containers:
            self.docker("rm", "-fv", *containers)
        self.docker("network", "prune", "-f")
        volumes = self.docker("volume", "ls", "-q").split()
        if volumes:
            self.docker("volume", "rm", "-f", *volumes)

    def close(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            containers = self.docker("ps", "-q", check=False).split()
            if containers:
                self.docker("rm", "-f", *containers, check=False)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None
        self.log.close()
        self.namespace.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Firebreak:
    """The program under test."""

    path = os.path.abspath(os.environ.get("FIREBREAK", "build/dev/firebreak"))

    def __init__(self):
        # An empty folder and home: no policy and no Docker contexts of the machine's user.
        self.folder = tempfile.mkdtemp(prefix="firebreak-run-")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)

    def run(self, *words, env=None, stdin=None, timeout=120, inside=None):
        """(exit code, stdout, stderr); `inside` a Namespace, for engines that listen on its loopback."""
        full = {"HOME": self.folder, "DOCKER_HOST": "", "DOCKER_CONTEXT": "", "DOCKER_CONFIG": "",
                "NO_COLOR": "1", **(env or {})}
        full = {name: value for name, value in full.items() if value is not None}
        prefix = ["nsenter", f"--net=/run/netns/{inside.name}"] if inside else []
        return run(*prefix, self.path, *words, env=full, cwd=self.folder, stdin=stdin, timeout=timeout, check=False)

    def report(self, *words, **options):
        """audit --format json with these words: (exit code, report)."""
        code, out, err = self.run("audit", "--format", "json", *words, **options)
        try:
            return code, json.loads(out)
        except ValueError:
            raise AssertionError(f"exit {code}, not a report:\n{out[:2000]}\n{err[:2000]}") from None

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path


def open_findings(report, at_least="low"):
    """Open, not accepted findings from a severity on, worst first."""
    order = ["info", "low", "medium", "high", "critical"]
    return [f for f in report["findings"]
            if f["status"] == "open" and not f.get("accepted")
            and order.index(f["severity"]) >= order.index(at_least)]


def codes(report, at_least="low"):
    return sorted({f["code"] for f in open_findings(report, at_least)})


class Podman:
    """Podman's Docker-compatible service. It shares Engine's way of being spoken to."""

    def __init__(self, label="podman", images=("my-api",)):
        require("podman", "nsenter", "ip")
        self.namespace = Namespace(label)
        self.folder = tempfile.mkdtemp(prefix="firebreak-podman-")
        self.url = f"unix://{self.folder}/p.sock"
        self.log = open(f"{self.folder}/log", "w")
        # CNI keeps leases and configuration in fixed folders: tmpfs keeps the machine's own apart.
        self.process = self.namespace.spawn(
            "mkdir -p /etc/cni /var/lib/cni /run/containers; mount -t tmpfs t /etc/cni; "
            "mount -t tmpfs t /run/netns; "
            "mount -t tmpfs t /var/lib/cni; mount -t tmpfs t /run/containers; "
            f"cd {self.folder}; exec podman --root {self.folder}/root --runroot {self.folder}/run "
            f"--tmpdir {self.folder}/tmp --network-config-dir {self.folder}/net --cgroup-manager cgroupfs "
            f"--events-backend none system service --time 0 {self.url}", self.log)
        atexit.register(self.close)
        for _ in range(300):
            if run(_DOCKER, "-H", self.url, "version", check=False)[0] == 0:
                break
            time.sleep(0.1)
        for image in images:
            self._import(image)

    def _import(self, image):
        tar = subprocess.Popen(["tar", "-C", busybox_root(), "-c", "."], stdout=subprocess.PIPE)
        subprocess.run(["curl", "-sf", "--unix-socket", self.url[7:], "-X", "POST", "-H",
                        "Content-Type: application/x-tar", "--data-binary", "@-",
                        f"http://d/v1.41/images/create?fromSrc=-&repo={image}"],
                       stdin=tar.stdout, check=True, stdout=subprocess.DEVNULL)
        tar.stdout.close()
        tar.wait()

    def docker(self, *words, check=True):
        return run(_DOCKER, "-H", self.url, *words, check=check)[1].strip()

    def start(self, name, *options, image="my-api", command=("sleep", "3600")):
        # The machine's limits are lower than Podman's defaults, which runc may not raise.
        limits = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")
        return self.docker("run", "-d", "--name", name, *limits, *options, image, *command)

    def close(self):
        if self.process is None:
            return
        containers = self.docker("ps", "-aq", check=False).split()
        if containers:
            self.docker("rm", "-f", *containers, check=False)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None
        self.log.close()
        self.namespace.close()
        # Overlay mounts live in the service's own mount namespace and went with it.
        shutil.rmtree(self.folder, ignore_errors=True)
