"""The source tree keeps to src/layers.txt, and the checker catches each way of breaking it."""
import json
import os
import tempfile
import unittest

import check_layers

ROOT = os.environ.get("FIREBREAK_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

LAYERS = "base:\nestate: base\nio: base\ncli: base estate io  # the runner\n"
CLEAN = {
    "src/layers.txt": LAYERS,
    "src/main.cc": '#include <unistd.h>\n#include "cli/run.h"\n',
    "src/base/text.h": "#include <string>\n",
    "src/base/text.cc": '#include "base/text.h"\n',
    "src/estate/estate.cc": '#include <arpa/inet.h>\n#include <linux/netlink.h>\n#include "base/text.h"\n// not getenv("HOME")\n',
    "src/estate/estate_test.cc": '#include <fstream>\n#include "base/text.h"\n',
    "src/io/files.cc": "#include <fstream>\nauto t = system_clock::now();\n",
    "src/cli/run.h": '#include "base/text.h"\n',
}


class Tree(unittest.TestCase):
    def test_the_source_tree_keeps_to_its_layers_and_is_built_whole(self):
        self.assertEqual(check_layers.check(ROOT, os.environ.get("FIREBREAK_BUILD")), [])


class Checker(unittest.TestCase):
    def problems(self, changes, built=None):
        with tempfile.TemporaryDirectory() as root:
            files = {name: text for name, text in {**CLEAN, **changes}.items() if text is not None}
            for name, text in files.items():
                path = os.path.join(root, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            if built is None:
                return check_layers.check(root)
            with open(os.path.join(root, "compile_commands.json"), "w", encoding="utf-8") as file:
                json.dump([{"directory": root, "file": name} for name in built], file)
            return check_layers.check(root, root)

    def assert_one(self, problems, text):
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(text, problems[0])

    def test_a_clean_tree_has_no_problem(self):
        self.assertEqual(self.problems({}), [])

    def test_an_include_against_the_direction_is_found(self):
        self.assert_one(self.problems({"src/base/up.h": '#include <string>\n  # include "estate/estate.h"\n',
                                       "src/estate/estate.h": ""}), "src/base/up.h:2: 'base' may not include 'estate'")

    def test_a_test_keeps_to_the_layers_too(self):
        self.assert_one(self.problems({"src/estate/up_test.cc": '#include "cli/run.h"\n'}), "'estate' may not include 'cli'")

    def test_two_types_of_one_name_are_found(self):
        two = {"src/base/a.h": "struct Arguments {\n};\n", "src/cli/b.h": "class Arguments {\n};\n"}
        self.assert_one(self.problems(two), "src/cli/b.h:1: 'Arguments' is also defined at src/base/a.h:1")
        hidden = {"src/cli/b.cc": "namespace {\nstruct Arguments {};\n}  // namespace\n"}
        self.assertEqual(self.problems({"src/base/a.h": two["src/base/a.h"], **hidden}), [])

    def test_input_and_output_stay_at_the_rim(self):
        for header in ("fstream", "filesystem", "sys/socket.h", "unistd.h", "boost/asio.hpp", "boost/beast/core.hpp", "netinet/in.h"):
            with self.subTest(header):
                self.assert_one(self.problems({"src/estate/bad.h": f"#include <{header}>\n"}), f"<{header}> does I/O")

    def test_clock_randomness_and_environment_are_parameters(self):
        for call in ("std::chrono::system_clock::now()", "std::random_device{}", 'std::getenv("HOME")', "randombytes_buf(b, 32)"):
            with self.subTest(call):
                self.assert_one(self.problems({"src/estate/bad.cc": f"auto x = {call};\n"}), "are parameters")

    def test_a_header_is_named_by_its_folder(self):
        self.assert_one(self.problems({"src/base/bad.cc": '#include "text.h"\n'}), 'as "folder/text.h"')

    def test_an_include_of_nothing_is_found(self):
        self.assert_one(self.problems({"src/estate/bad.cc": '#include "base/gone.h"\n'}), "no src/base/gone.h")

    def test_a_folder_outside_the_table_is_found(self):
        self.assert_one(self.problems({"src/extra/x.h": ""}), "src/extra: not in src/layers.txt")

    def test_an_entry_without_a_folder_is_found(self):
        self.assert_one(self.problems({"src/layers.txt": LAYERS + "gone: base\n"}), "no folder src/gone")

    def test_a_table_that_is_not_one_direction_is_found(self):
        self.assert_one(self.problems({"src/layers.txt": LAYERS.replace("base:", "base: estate")}), "not listed before it")

    def test_a_double_or_broken_entry_is_found(self):
        self.assert_one(self.problems({"src/layers.txt": LAYERS + "base:\n"}), "two entries")
        self.assert_one(self.problems({"src/layers.txt": LAYERS + "base estate\n"}), "layers.txt:5: expected")

    def test_a_source_that_is_not_built_is_found(self):
        built = [name for name in CLEAN if name.endswith(".cc")]
        self.assertEqual(self.problems({}, built), [])
        self.assert_one(self.problems({"src/base/deep/lost_test.cc": ""}, built), "lost_test.cc: is not part of the build")
        self.assert_one(self.problems({"fuzz/lost_fuzz.cc": ""}, built), "fuzz/lost_fuzz.cc: is not part of the build")


if __name__ == "__main__":
    unittest.main()
