"""The command line as a user meets it: help, mistakes, files, exit codes. Needs no engine."""
import json
import os
import re
import shutil
import subprocess
import unittest

from engines import Firebreak

SOURCE = os.path.abspath(os.environ.get("FIREBREAK_SOURCE", "."))
COMMANDS = ("audit", "matrix", "paths", "verify", "explain", "snapshot", "diff", "init", "key", "completion", "man", "help")


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.firebreak = Firebreak()

    def expect(self, code, *words, **options):
        got, out, err = self.firebreak.run(*words, **options)
        self.assertEqual(code, got, out + err)
        return out, err

    def recorded(self):
        return os.path.join(SOURCE, "examples", "estate.snapshot.json")

    def test_help_of_every_command_shows_examples_within_100_columns(self):
        for command in COMMANDS:
            out, _ = self.expect(0, command, "--help")
            self.assertIn("examples:", out)
            self.assertIn(f"firebreak {command}", out)
            self.assertLessEqual(max(map(len, out.splitlines())), 100, command)
        out, _ = self.expect(0, "--help")
        for command in COMMANDS:
            self.assertRegex(out, rf"(?m)^  {command} ")

    def test_no_command_is_wrong_usage(self):
        self.assertIn("usage:", self.expect(2)[1])

    def test_typing_mistakes_get_a_suggestion(self):
        for words, hint in ((("adit",), "audit"), (("audit", "--polcy", "x"), "--policy"),
                            (("audit", "--format", "jsn"), "json"), (("audit", "--fail-on", "hgih"), "high"),
                            (("explain", "NET01"), "NET001"), (("help", "matrx"), "matrix")):
            self.assertIn(f"did you mean '{hint}'?", self.expect(2, *words)[1])

    def test_wrong_usage(self):
        for words in (("diff", "one"), ("audit", "extra"), ("audit", "--format"), ("audit", "--timeout", "soon"),
                      ("audit", "--host", "nowhere"), ("audit", "--host", "a=b"), ("key", "old", "f"),
                      ("audit", "--host", "a=unix:///x", "--host", "a=unix:///y"), ("completion", "powershell"),
                      ("verify", "--rate", "0"), ("verify", "--most", "many")):
            out, err = self.expect(2, *words)
            self.assertEqual("", out)
            self.assertIn("firebreak: ", err)

    def test_commands_of_the_design_that_are_not_there_yet_say_so(self):
        self.assertIn("not in this version", self.expect(2, "identify")[1])

    def test_policy_errors_all_at_once_with_place_and_suggestion(self):
        self.firebreak.write("firebreak.yaml", "version: 1\nenviroments:\n  a: {tier: prod}\nzones: 3\n")
        out, err = self.expect(2, "audit", "--snapshot", self.recorded())
        self.assertEqual("", out)
        self.assertIn("firebreak.yaml:2:1: error", err)
        self.assertIn("did you mean 'environments'?", err)
        self.assertIn("firebreak.yaml:4:8: error", err)

    def test_paths_without_kernel_state_are_not_decided(self):
        out, _ = self.expect(3, "paths", "production", "development", "--snapshot", self.recorded())
        self.assertIn("kernel state", out)
        self.assertIn("not everything could be decided", out)
        self.assertIn("did you mean 'production'?",
                      self.expect(2, "paths", "prodction", "--snapshot", self.recorded())[1])

    def test_options_before_the_command_and_commands_that_are_not_there(self):
        self.assertIn("firebreak audit --format", self.expect(2, "--format", "json", "audit")[1])
        self.assertIn("did you mean '--version'?", self.expect(2, "--versoin")[1])
        self.assertIn("not in this version", self.expect(2, "help", "identify")[1])

    def test_an_empty_value_is_not_taken_for_none(self):
        for option in ("--policy", "--fingerprint-key", "--fail-on", "-o"):
            out, err = self.expect(2, "audit", "--snapshot", self.recorded(), option, "")
            self.assertEqual("", out)
            self.assertIn("is empty", err)

    def test_a_policy_that_would_not_be_read_is_an_error(self):
        self.firebreak.write("firebreak.yml", "version: 1\n")
        self.assertIn("--policy firebreak.yml", self.expect(2, "audit", "--snapshot", self.recorded())[1])
        self.expect(1, "audit", "--snapshot", self.recorded(), "--policy", "firebreak.yml")
        os.symlink("nowhere.yaml", f"{self.firebreak.folder}/firebreak.yaml")
        self.assertIn("firebreak.yaml", self.expect(2, "audit", "--snapshot", self.recorded())[1])

    def test_a_url_that_no_engine_can_have_is_wrong_usage(self):
        for url in ("http://h", "tcp://[::1", "npipe:////./pipe/docker_engine", "ssh://user:hunter2@h"):
            err = self.expect(2, "audit", "--host", f"a={url}")[1]
            self.assertNotIn("hunter2", err)

    def test_missing_files_are_named(self):
        self.assertIn("none.json", self.expect(4, "audit", "--snapshot", "none.json")[1])
        self.assertIn("none.yaml", self.expect(2, "audit", "--policy", "none.yaml")[1])

    def test_broken_snapshots_are_refused_with_their_place(self):
        whole = open(self.recorded()).read()
        for text in ("", "{", "[]", whole[:len(whole) // 2], whole.replace('"firebreak/snapshot/1"', '"firebreak/snapshot/9"'),
                     whole.replace('"hosts":[', '"hosts":[7,')):
            self.firebreak.write("broken.json", text)
            out, err = self.expect(4, "audit", "--snapshot", "broken.json")
            self.assertEqual("", out)
            self.assertIn("broken.json", err)

    def test_a_host_that_does_not_answer_is_a_gap_and_not_green(self):
        out, err = self.expect(3, "audit", "--format", "json", "--host", "gone=unix:///nonexistent.sock")
        report = json.loads(out)
        self.assertEqual("incomplete", report["summary"]["result"])
        self.assertEqual(3, report["summary"]["exit"])
        self.assertIn("not seen", err)
        self.assertEqual("", self.expect(3, "audit", "-q", "--host", "gone=unix:///nonexistent.sock")[1])
        self.assertIn("incomplete", self.expect(3, "matrix", "--host", "gone=unix:///nonexistent.sock")[0])

    def test_output_file_is_written_whole_or_not_at_all(self):
        self.firebreak.write("report.json", "old")
        out, _ = self.expect(1, "audit", "--snapshot", self.recorded(), "--format", "json", "-o", "report.json")
        self.assertEqual("", out)
        with open(f"{self.firebreak.folder}/report.json") as file:
            self.assertEqual("firebreak/report/1", json.load(file)["schema"])
        self.expect(4, "audit", "--snapshot", self.recorded(), "-o", "/nonexistent/folder/report")

    def test_a_full_disk_is_exit_4(self):
        done = subprocess.run([self.firebreak.path, "audit", "--snapshot", self.recorded()], cwd=self.firebreak.folder,
                              stdout=open("/dev/full", "w"), stderr=subprocess.PIPE, text=True)
        self.assertEqual(4, done.returncode, done.stderr)

    def test_fail_on_decides_the_exit_code(self):
        self.expect(1, "audit", "--snapshot", self.recorded())
        self.firebreak.write("one.yml", "")
        out, _ = self.expect(1, "audit", "--snapshot", self.recorded(), "--format", "json", "--fail-on", "critical")
        self.assertTrue(any(f["severity"] == "critical" for f in json.loads(out)["findings"]))

    def test_key_is_readable_by_its_owner_alone_and_never_replaced_silently(self):
        self.expect(0, "key", "new", "fleet.key")
        path = f"{self.firebreak.folder}/fleet.key"
        self.assertEqual(0o600, os.stat(path).st_mode & 0o777)
        self.assertRegex(open(path).read(), r"^[0-9a-f]{64}\n$")
        self.expect(2, "key", "new", "fleet.key")
        self.expect(0, "key", "new", "fleet.key", "--force")

    def test_a_key_that_others_may_read_is_refused(self):
        self.expect(0, "key", "new", "fleet.key")
        audit = ("audit", "--host", "a=unix:///nonexistent.sock", "--fingerprint-key", "fleet.key")
        self.expect(3, *audit)
        os.chmod(f"{self.firebreak.folder}/fleet.key", 0o640)
        out, err = self.expect(2, *audit)
        self.assertEqual("", out)
        self.assertIn("fleet.key: others than its owner may read", err)
        self.assertIn("chmod 600 fleet.key", err)
        self.expect(0, "key", "new", "fleet.key", "--force")  # a new one is private whatever stood there
        self.expect(3, *audit)

    def test_who_may_read_what_is_written(self):
        mode = lambda name: os.stat(f"{self.firebreak.folder}/{name}").st_mode & 0o777
        self.expect(3, "snapshot", "--host", "a=unix:///nonexistent.sock", "-o", "s.json")
        self.assertEqual(0o600, mode("s.json"))
        self.firebreak.write("report.txt", "old")
        os.chmod(f"{self.firebreak.folder}/report.txt", 0o640)
        self.expect(1, "audit", "--snapshot", self.recorded(), "-o", "report.txt")
        self.assertEqual(0o640, mode("report.txt"))

    def test_foreign_names_neither_steer_the_terminal_nor_turn_its_text(self):
        evil = "\x1b]0;pwned\x07\u202enwo\u2066"
        estate = json.load(open(self.recorded()))
        estate["gaps"] = [{"what": "volumes" + evil, "why": "denied" + evil, "host": "shop", "needed_by": ["HOST003"]}]
        for container in estate["hosts"][0]["containers"]:
            container["name"] += evil
            for label in container.get("labels", []):
                label["text"] += evil
        self.firebreak.write("evil.json", json.dumps(estate))
        for form in ("text", "sarif", "junit", "markdown", "html"):
            out, err = self.expect(1, "audit", "-v", "--snapshot", "evil.json", "--format", form)
            for character in "\x1b\x07" + ("" if form == "sarif" else "\u202e\u2066"):
                self.assertNotIn(character, out, form)
                self.assertNotIn(character, err, form)

    def test_init_writes_a_policy_that_audits_the_same(self):
        inferred = self.firebreak.report("--snapshot", self.recorded())[1]
        self.expect(0, "init", "--snapshot", self.recorded())
        self.expect(2, "init", "--snapshot", self.recorded())  # never replaces without --force
        stated = self.firebreak.report("--snapshot", self.recorded())[1]
        assigned = lambda report: {(w["host"], w["name"]): w["environment"] for w in report["workloads"]}
        self.assertEqual(assigned(inferred), assigned(stated))
        self.assertFalse(stated["policy"]["inferred"])

    def test_diff_finds_what_got_worse(self):
        before = json.load(open(self.recorded()))
        after = json.loads(json.dumps(before))
        out, _ = self.expect(0, "diff", self.recorded(), self.recorded())
        changed = False
        for host in after["hosts"]:
            for container in host.get("containers", []):
                if container["name"].endswith("staging-api-1"):
                    container.setdefault("isolation", {})["privileged"] = True
                    changed = True
        self.assertTrue(changed)
        self.firebreak.write("after.json", json.dumps(after))
        out, _ = self.expect(1, "diff", self.recorded(), "after.json")
        self.assertIn("HOST002", out)
        self.expect(0, "diff", "after.json", self.recorded())  # better is not worse
        self.expect(1, "audit", "--snapshot", self.recorded(), "--format", "json", "-o", "before.report.json")
        self.expect(1, "diff", "before.report.json", "after.json")
        self.expect(4, "diff", self.recorded(), "/etc/hostname")
        self.expect(3, "snapshot", "--host", "a=unix:///nonexistent.sock", "-o", "blind.json")
        self.assertIn("exit 3", self.expect(3, "diff", "blind.json", "blind.json")[0])

    def test_explain_knows_every_code(self):
        listed = re.findall(r"(?m)^([A-Z]+\d{3}) ", self.expect(0, "explain")[0])
        self.assertEqual(39, len(listed))
        for code in listed:
            out, _ = self.expect(0, "explain", code.lower())
            self.assertIn(code, out)
            self.assertLessEqual(max(map(len, out.splitlines())), 100)

    def test_man_pages_are_valid(self):
        if shutil.which("mandoc") is None:
            self.skipTest("needs mandoc")
        for command in ("", *COMMANDS):
            out, _ = self.expect(0, "man", *([command] if command else []))
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=out, text=True, stdout=subprocess.PIPE)
            self.assertEqual("", done.stdout, command)

    def test_bash_completion_offers_commands_options_and_values(self):
        script, _ = self.expect(0, "completion", "bash")
        path = self.firebreak.write("completion.bash", script)

        def complete(*words):
            line = " ".join(f"'{word}'" for word in words)
            program = (f"source {path}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _firebreak; "
                       "printf '%s\\n' \"${COMPREPLY[@]}\"")
            return subprocess.run(["bash", "-c", program], text=True, stdout=subprocess.PIPE, check=True).stdout.split()

        self.assertEqual(["audit"], complete("firebreak", "au"))
        self.assertIn("--snapshot", complete("firebreak", "audit", "--s"))
        self.assertEqual(["sarif"], complete("firebreak", "audit", "--format", "sa"))
        self.assertIn("NET001", complete("firebreak", "explain", "NET"))
        # Files are bash's own matter: it knows how to quote blanks.
        self.assertEqual([], complete("firebreak", "audit", "--snapshot", "/"))
        self.assertIn("complete -o default -F _firebreak", script)

    def test_no_colour_unless_a_terminal(self):
        out, _ = self.expect(1, "audit", "--snapshot", self.recorded(), env={"NO_COLOR": None})
        self.assertNotIn("\x1b", out)

    def test_a_terminal_that_can_nothing_gets_no_control_sequences(self):
        if shutil.which("script") is None:
            self.skipTest("needs script")
        command = f"{os.path.abspath(self.firebreak.path)} audit --host a=unix:///nonexistent.sock"
        for terminal, seen in (("dumb", False), ("xterm", True)):
            done = subprocess.run(["script", "-qc", command, "/dev/null"], cwd=self.firebreak.folder, text=True,
                                  env={**os.environ, "TERM": terminal}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
            self.assertEqual(seen, "\x1b" in done.stdout, terminal)


if __name__ == "__main__":
    unittest.main()
