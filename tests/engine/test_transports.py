"""Every way to an engine, against a real dockerd: unix socket, TCP, mutual TLS, SSH, contexts, variables."""
import hashlib
import json
import os
import subprocess
import tempfile
import time
import unittest

from engines import Engine, Firebreak, require, run

CA_CONFIG = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"


class Authority:
    """A certificate authority made for one test."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            f"{folder}/ca.key", "-out", f"{folder}/ca.pem", "-subj", "/CN=test authority", "-days", "2")

    def issue(self, name, extensions):
        base = f"{self.folder}/{name}"
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{base}.key",
            "-out", f"{base}.csr", "-subj", f"/CN={name}")
        with open(f"{base}.ext", "w") as file:
            file.write(extensions)
        run("openssl", "x509", "-req", "-in", f"{base}.csr", "-CA", f"{self.folder}/ca.pem", "-CAkey",
            f"{self.folder}/ca.key", "-CAcreateserial", "-out", f"{base}.pem", "-days", "2", "-extfile", f"{base}.ext")
        return base

    def client_folder(self, name, ca=None):
        """A DOCKER_CERT_PATH: ca.pem, cert.pem, key.pem."""
        base = self.issue(name, "extendedKeyUsage=clientAuth\n")
        folder = f"{self.folder}/{name}.d"
        os.makedirs(folder)
        for source, target in ((ca or f"{self.folder}/ca.pem", "ca.pem"), (f"{base}.pem", "cert.pem"),
                               (f"{base}.key", "key.pem")):
            run("cp", source, f"{folder}/{target}")
        return folder


class Transports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("openssl", "sshd", "ssh")
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = cls.temporary.name
        cls.authority = Authority(f"{cls.folder}/pki")
        server = cls.authority.issue("server", "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n")
        cls.certificates = cls.authority.client_folder("client")
        cls.engine = Engine(extra=f"-H tcp://127.0.0.1:2376 --tlsverify --tlscacert {cls.folder}/pki/ca.pem "
                                  f"--tlscert {server}.pem --tlskey {server}.key")
        cls.engine.start("api-a", "--label", "env=production")
        cls.engine.start("api-b", "--label", "env=dev", "--network", "none")

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()
        cls.temporary.cleanup()

    def setUp(self):
        self.firebreak = Firebreak()

    def sees_both(self, *words, **options):
        code, report = self.firebreak.report(*words, **options)
        self.assertEqual([], report["gaps"])
        self.assertEqual(0, code)
        self.assertEqual({"production", "development"}, {e["name"] for e in report["environments"]})

    def is_a_gap(self, because, *words, **options):
        code, report = self.firebreak.report(*words, **options)
        self.assertEqual(3, code)
        self.assertTrue(any(because in gap["why"] for gap in report["gaps"]), report["gaps"])

    def test_docker_host_variable(self):
        self.sees_both(env={"DOCKER_HOST": self.engine.url})

    def test_host_option_over_the_variable(self):
        self.sees_both("--host", f"prod={self.engine.url}", env={"DOCKER_HOST": "unix:///nonexistent.sock"})

    def test_mutual_tls_by_variables(self):
        self.sees_both(inside=self.engine.namespace, env={
            "DOCKER_HOST": "tcp://127.0.0.1:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": self.certificates})

    def test_mutual_tls_by_policy(self):
        policy = self.firebreak.write("firebreak.yaml", f"""
version: 1
hosts:
  prod-1: {{docker: "tcp://127.0.0.1:2376", tls: {self.certificates}}}
environments:
  production: {{tier: production, match: [{{label: env=production}}]}}
  development: {{tier: development, match: [{{label: env=dev}}]}}
""")
        self.sees_both("--policy", policy, inside=self.engine.namespace)

    def test_certificate_of_another_authority(self):
        other = Authority(f"{self.folder}/other")
        env = {"DOCKER_HOST": "tcp://127.0.0.1:2376", "DOCKER_TLS_VERIFY": "1"}
        # The server's authority is not the one we trust.
        self.is_a_gap("certificate", inside=self.engine.namespace,
                      env={**env, "DOCKER_CERT_PATH": other.client_folder("stranger")})
        # The server does not know ours.
        self.is_a_gap("certificate", inside=self.engine.namespace,
                      env={**env, "DOCKER_CERT_PATH": other.client_folder("guest", ca=f"{self.folder}/pki/ca.pem")})

    def test_plain_http_to_a_tls_port(self):
        self.is_a_gap("TLS", inside=self.engine.namespace, env={"DOCKER_HOST": "tcp://127.0.0.1:2376"})

    def test_context(self):
        config = f"{self.firebreak.folder}/docker"
        digest = hashlib.sha256(b"prod").hexdigest()
        os.makedirs(f"{config}/contexts/meta/{digest}")
        os.makedirs(f"{config}/contexts/tls/{digest}/docker")
        for name in ("ca.pem", "cert.pem", "key.pem"):
            run("cp", f"{self.certificates}/{name}", f"{config}/contexts/tls/{digest}/docker/{name}")
        with open(f"{config}/contexts/meta/{digest}/meta.json", "w") as file:
            json.dump({"Name": "prod", "Metadata": {}, "Endpoints": {"docker": {
                "Host": "tcp://127.0.0.1:2376", "SkipTLSVerify": False}}}, file)
        env = {"DOCKER_CONFIG": config}
        self.sees_both("--host", "p=context:prod", env=env, inside=self.engine.namespace)
        self.sees_both(env={**env, "DOCKER_CONTEXT": "prod"}, inside=self.engine.namespace)
        with open(f"{config}/config.json", "w") as file:
            json.dump({"currentContext": "prod"}, file)
        self.sees_both(env=env, inside=self.engine.namespace)

    def test_ssh(self):
        folder = f"{self.folder}/ssh"
        os.makedirs(folder)
        for name in ("host", "user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}")
        run("cp", f"{folder}/user.pub", f"{folder}/authorized")
        os.makedirs("/run/sshd", exist_ok=True)
        with open(f"{folder}/sshd_config", "w") as file:
            file.write(f"Port 2222\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
                       f"StrictModes no\nUsePAM no\nPidFile {folder}/pid\nSetEnv DOCKER_HOST={self.engine.url}\n")
        with open(f"{folder}/known", "w") as file:
            file.write("[127.0.0.1]:2222 " + open(f"{folder}/host.pub").read())
        # The user's ssh, with a configuration of the test's own.
        os.makedirs(f"{folder}/bin")
        with open(f"{folder}/bin/ssh", "w") as file:
            file.write(f"#!/bin/sh\nexec /usr/bin/ssh -F none -i {folder}/user -o UserKnownHostsFile={folder}/known \"$@\"\n")
        os.chmod(f"{folder}/bin/ssh", 0o755)
        sshd = subprocess.Popen(["nsenter", f"--net=/run/netns/{self.engine.namespace.name}", "/usr/sbin/sshd", "-D", "-f",
                                 f"{folder}/sshd_config"], stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                if os.path.exists(f"{folder}/pid"):
                    break
                time.sleep(0.05)
            env = {"PATH": f"{folder}/bin:{os.environ['PATH']}"}
            self.sees_both("--host", "prod=ssh://root@127.0.0.1:2222", env=env, inside=self.engine.namespace)
            with open(f"{folder}/known", "w"):
                pass
            self.is_a_gap("Host key verification failed", "--host", "prod=ssh://root@127.0.0.1:2222", env=env,
                          inside=self.engine.namespace)
        finally:
            sshd.terminate()
            sshd.wait()


if __name__ == "__main__":
    unittest.main()
