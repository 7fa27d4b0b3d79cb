"""A machine with unrelated projects must not drown in findings; and no secret may leave it."""
import base64
import json
import unittest
import urllib.parse

from engines import Engine, Firebreak, open_findings

SECRETS = {
    "password variable": "planted-Pw-8fK2mQ9x",
    "url": "planted-Url/7hJ3+nR1z",
    "label": "planted-Label-5tG8wE4c",
    "command": "planted-Cmd-2yB6vN9k",
    "health check": "planted-Health-4uM1sX7d",
    "base64": "planted-B64-9qL5oP3f",
    "unknown name": "kV9xR2mQ7tZ4wB8nL3pS6yF1",
    "volume option": "planted-Vol-6rD2gH8j",
    "extra argument": "planted-Arg-3wT7zC5a",
    "webhook": "planted0Hook0XyZ0T024BE7LD0B024BE7LH",
    "json": "planted-Json-8eF4kU2b",
}


class OrdinaryMachine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine(images=("my-api", "postgres:15", "traefik:v3", "redis:7", "nginx:1", "grafana/grafana:11.1"))

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def setUp(self):
        self.firebreak = Firebreak()
        self.engine.reset()

    def project(self, name, services):
        self.engine.docker("network", "create", f"{name}_default", "--label", f"com.docker.compose.project={name}")
        for service, (image, options) in services.items():
            self.engine.start(f"{name}-{service}-1", "--label", f"com.docker.compose.project={name}", "--label",
                              f"com.docker.compose.service={service}", "--network", f"{name}_default",
                              "--network-alias", service, *options, image=image)

    def test_five_unrelated_projects_give_nothing_above_info(self):
        self.engine.docker("network", "create", "proxy")
        database = ("postgres:15", ("-e", "POSTGRES_PASSWORD=postgres", "-v", "/etc/localtime:/etc/localtime:ro"))
        url = "DATABASE_URL=postgres://postgres:postgres@db:5432/app"
        self.project("blog", {"web": ("nginx:1", ("-e", url, "-e", "NODE_ENV=production", "-p", "8081:80")), "db": database})
        self.project("wiki", {"web": ("nginx:1", ("-e", url, "-e", "TZ=Europe/Berlin")), "db": database,
                              "cache": ("redis:7", ())})
        self.project("monitor", {"grafana": ("grafana/grafana:11.1", ("-v", "grafana:/var/lib/grafana"))})
        self.project("edge", {"traefik": ("traefik:v3", ("-v", f"{self.engine.socket}:/var/run/docker.sock:ro"))})
        self.project("files", {"app": ("nginx:1", ("-e", "NODE_ENV=development", "-e", url)), "db": database})
        for container in ("blog-web-1", "wiki-web-1", "files-app-1", "edge-traefik-1"):
            self.engine.docker("network", "connect", "proxy", container)
        self.assert_quiet()

    def assert_quiet(self):
        code, report = self.firebreak.report(env={"DOCKER_HOST": self.engine.url})
        self.assertEqual([], [(f["code"], f["title"]) for f in open_findings(report, "low")])
        self.assertEqual(0, code)
        self.assertEqual("nothing-to-compare", report["summary"]["result"])

    def test_words_that_name_no_environment(self):
        """Beside applications whose APP_ENV is production: names of what things are for."""
        self.engine.docker("network", "create", "proxy")
        production = ("-e", "APP_ENV=production")
        self.project("firefly", {"app": ("nginx:1", production), "db": ("postgres:15", ())})
        self.project("chat", {"api": ("nginx:1", ("-e", "DEPLOY_ENV=PRODUCTION")), "sandbox": ("my-api", ()),
                              "db": ("postgres:15", ("-e", "POSTGRES_DB=test"))})
        self.project("myapp", {"web": ("my-api", ("-e", "RAILS_ENV=production")), "test": ("my-api", ("-e", "RAILS_ENV=test"))})
        for name in ("product-db", "devtools", "dev-tools", "staging-area", "reproduction", "latest", "woodpecker-ci",
                     "live-chat", "speed-test", "non-prod-notes"):
            self.engine.start(name, "--network", "proxy")
        for container in ("firefly-app-1", "chat-api-1", "chat-sandbox-1", "myapp-web-1", "myapp-test-1"):
            self.engine.docker("network", "connect", "proxy", container)
        self.assert_quiet()

    def test_stacks_of_one_build_are_told_apart_by_their_names(self):
        """APP_ENV=production in all of them is a mode; the projects' names are not."""
        self.engine.docker("network", "create", "shared")
        for name in ("shop_dev", "shop_prod"):
            self.project(name, {"web": ("my-api", ("-e", "APP_ENV=production"))})
            self.engine.docker("network", "connect", "shared", f"{name}-web-1")
        code, report = self.firebreak.report(env={"DOCKER_HOST": self.engine.url})
        self.assertEqual(1, code)
        self.assertIn("network shared joins development and production", [f["title"] for f in report["findings"]])

    def test_planted_secrets_never_appear(self):
        quoted = urllib.parse.quote(SECRETS["url"], safe="")
        encoded = base64.b64encode(SECRETS["base64"].encode()).decode()
        self.engine.docker("volume", "create", "--driver", "local", "--opt", "type=cifs", "--opt", "device=//nas/share",
                           "--opt", f"o=username=shop,password={SECRETS['volume option']}", "nas")
        for name, environment in (("api-a", "production"), ("api-b", "dev")):
            self.engine.start(
                name, "--label", f"env={environment}",
                "-e", f"DB_PASSWORD={SECRETS['password variable']}",
                "-e", f"DATABASE_URL=postgres://app:{quoted}@db:5432/app",
                "-e", f"AUTH_BLOB={encoded}",
                "-e", f"FOO={SECRETS['unknown name']}",
                "-e", f"HOOK=https://hooks.slack.com/services/T024BE7LD/B024BE7LH/{SECRETS['webhook']}",
                "-e", "SETTINGS=" + json.dumps({"db": {"password": SECRETS["json"]}}),
                "--label", f"app.db.password={SECRETS['label']}",
                "--health-cmd", f"curl -u admin:{SECRETS['health check']} http://localhost/",
                command=("sh", "-c", f"PGPASSWORD={SECRETS['command']} psql -h db app || sleep 3600",
                         f"--token={SECRETS['extra argument']}"))
        outputs = []
        env = {"DOCKER_HOST": self.engine.url}
        for words in (["snapshot"], ["init", "-o", "-"], ["matrix"], ["audit", "-v"],
                      *(["audit", "--format", f] for f in ("json", "sarif", "junit", "markdown", "html"))):
            outputs.append((words, *self.firebreak.run(*words, env=env)))
        self.assertIn("CRED001", outputs[4][2] + outputs[3][2])
        for words, _, out, err in outputs:
            for place, secret in SECRETS.items():
                for form in (secret, urllib.parse.quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
                    self.assertNotIn(form, out + err, f"the {place} secret leaks from {' '.join(words)}")

    def test_same_estate_in_another_order_gives_the_same_bytes(self):
        texts = []
        for order in (1, -1):
            self.engine.docker("network", "create", "--subnet", "10.99.0.0/24", "shared-net")
            members = (("api-a", "production", 11), ("api-b", "dev", 12), ("api-c", "staging", 13))
            for name, environment, address in members[::order]:
                self.engine.start(name, "--label", f"env={environment}", "--network", "shared-net", "--ip",
                                  f"10.99.0.{address}", "-e",
                                  "API_TOKEN=vK7pQ2mZx9Lw4TgBvK7p")
            code, out, _ = self.firebreak.run("audit", "--format", "json", env={"DOCKER_HOST": self.engine.url})
            report = json.loads(out)
            report["generated"] = ""
            texts.append(json.dumps(report))
            self.assertEqual(1, code)
            self.engine.reset()
        self.assertEqual(*texts)


if __name__ == "__main__":
    unittest.main()
