"""The HTML report in a real browser: it runs under its own content security policy, asks nobody for anything, can
be used with a keyboard, fits a phone, and has enough contrast in both colour schemes."""
import functools
import html
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from samples import write_samples

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CASES = ["hostile", "incomplete", "mistakes", "nothing", "separated", "large"]
DARK = "--blink-settings=preferredColorScheme=0"

# What is asked of the page from inside: in a copy whose policy lets a second script in.
PROBE = r"""
(async () => {
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  const visible = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
  const rgb = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  let measured = 0;
  document.querySelectorAll("details").forEach((each) => { each.open = true; });
  for (const element of document.body.querySelectorAll(":not(svg *)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.tagName === "SCRIPT") continue;
    ++measured;
    const ratio = contrast(rgb(getComputedStyle(element).color), ground(element));
    if (ratio < 4.5) faint.push(element.textContent.trim().slice(0, 40) + ": " + ratio.toFixed(2));
  }
  const boxes = {};
  for (const rect of document.querySelectorAll("svg .lane")) {
    boxes[getComputedStyle(rect).fill] = true;
  }
  for (const text of document.querySelectorAll("svg text, svg tspan")) {
    for (const fill of Object.keys(boxes)) {
      ++measured;
      const ratio = contrast(rgb(getComputedStyle(text).fill), rgb(fill));
      if (ratio < 4.5) faint.push("map: " + text.textContent.slice(0, 40) + ": " + ratio.toFixed(2));
    }
  }
  const root = document.documentElement;
  const result = {
    width: innerWidth, overflow: root.scrollWidth - root.clientWidth, measured, faint,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    shown: (document.getElementById("shown") || {}).textContent,
    unnamed: [...document.querySelectorAll("a, button, input, select, summary, [role=region], svg")].filter((each) =>
      !(each.textContent.trim() || each.getAttribute("aria-label") || (each.labels && each.labels.length))).length,
    small: visible("button, select, input[type=search]").filter((each) => each.offsetHeight < 24).length,
  };
  const cells = [...document.querySelectorAll("#matrix-table td a")];
  if (cells.length > 1) {
    const press = (key) => document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    result.tabStops = [...document.querySelectorAll("#matrix-table td, #matrix-table a")].filter((each) => each.tabIndex === 0).length;
    cells[0].focus();
    press("ArrowRight");
    result.right = document.activeElement === cells[1];
    press("ArrowLeft");
    result.left = document.activeElement === cells[0];
    press("End");
    result.end = document.activeElement.closest("td").nextElementSibling === null;
    press("Home");
    press("ArrowRight");
    press(" ");
    await wait(100);
    result.picked = visible(".finding").map((each) => each.id);
    result.wanted = cells[1].dataset.findings.split(" ").map((id) => "f-" + id);
    result.focused = document.activeElement.closest(".finding") ? document.activeElement.closest(".finding").id : null;
    document.getElementById("show-all").click();
    await wait(100);
    const search = document.getElementById("search");
    search.value = "no such thing anywhere";
    search.dispatchEvent(new Event("input", { bubbles: true }));
    result.none = visible(".finding").length;
    document.getElementById("show-all").click();
    await wait(100);
    result.all = visible(".finding").length;
    document.querySelector("input[value=high]").click();
    result.withoutHigh = visible(".finding.s-high").length;
    const before = document.getElementById("map-svg").getBoundingClientRect().width;
    document.getElementById("zoom-in").click();
    result.zoomed = document.getElementById("map-svg").getBoundingClientRect().width > before;
  }
  const out = document.createElement("pre");
  out.id = "probe";
  out.textContent = JSON.stringify(result);
  document.body.append(out);
})();
"""


@unittest.skipUnless(BROWSER, "no chromium is installed")
class Html(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = write_samples()
        cls.addClassCleanup(cls.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    @classmethod
    @functools.cache
    def browse(cls, path, *flags, size="1200,900"):
        """The page's DOM after its scripts ran, and what the browser logged."""
        with tempfile.TemporaryDirectory(prefix="firebreak-browser-") as profile:
            done = subprocess.run(
                [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
                 "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr",
                 f"--user-data-dir={profile}", f"--window-size={size}", "--virtual-time-budget=3000", "--dump-dom",
                 *flags, "file://" + path], capture_output=True, text=True, timeout=120, check=True)
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return done.stdout, console

    def probe(self, case, *flags, size="1200,900"):
        """What PROBE saw in the report of this case."""
        with open(self.path(case + ".html"), encoding="utf-8") as file:
            page = file.read()
        open_page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
        self.assertNotEqual(open_page, page)
        probed = self.path(case + "-probed.html")
        with open(probed, "w", encoding="utf-8") as file:
            file.write(open_page.replace("</body>", f"<script>{PROBE}</script></body>"))
        dom, console = self.browse(probed, *flags, size=size)
        self.assertEqual(console, [])
        answer = re.search(r'<pre id="probe">(.*?)</pre>', dom, re.S)
        self.assertTrue(answer, "the probe did not end")
        return json.loads(html.unescape(answer.group(1)))

    def test_runs_under_its_own_policy_without_a_word_on_the_console(self):
        for case in CASES:
            with self.subTest(case):
                dom, console = self.browse(self.path(case + ".html"))
                self.assertEqual(console, [])
                if "id=\"filters\"" in dom:
                    self.assertRegex(dom, r'id="shown"[^>]*>(\d+) of \1 shown<')

    def test_policy_stops_scripts_styles_and_requests_that_are_not_its_own(self):
        with open(self.path("mistakes.html"), encoding="utf-8") as file:
            page = file.read()
        smuggled = ("<script>document.title='owned'</script>", "<p style='color:red'>x</p>",
                    "<img src='data:image/gif;base64,AAAA'>", "<link rel=stylesheet href='file:///dev/null'>")
        broken = self.path("smuggled.html")
        with open(broken, "w", encoding="utf-8") as file:
            file.write(page.replace("</main>", "".join(smuggled) + "</main>"))
        dom, console = self.browse(broken)
        refused = [line for line in console if "Content Security Policy" in line]
        self.assertGreaterEqual(len(refused), len(smuggled), console)
        self.assertNotIn("<title>owned", dom)

    def test_names_no_address_outside_itself(self):
        for case in CASES:
            with open(self.path(case + ".html"), encoding="utf-8") as file:
                page = file.read()
            links = re.findall(r'(?:href|src|action)="([^"]*)"', page)
            self.assertTrue(all(link.startswith("#") for link in links), links)

    def test_hostile_names_stay_text(self):
        dom, _ = self.browse(self.path("hostile.html"))
        self.assertEqual(dom.count("<script"), 1)
        self.assertNotIn("<img", dom)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", dom)

    def test_is_readable_without_scripts(self):
        # The browser prints no DOM when scripts are off, so the file itself is asked.
        with open(self.path("mistakes.html"), encoding="utf-8") as file:
            page = file.read()
        tools = re.findall(r'<[a-z]+ [^>]*class="[^"]*\bjs\b[^"]*"[^>]*>', page)
        self.assertTrue(tools)
        self.assertTrue(all(" hidden" in tool for tool in tools), tools)  # what could not work stays away
        self.assertIn("docker network disconnect shared-net api", page)
        self.assertGreater(page.count("<details"), 4)

    def test_keyboard_moves_in_the_matrix_and_shows_a_cells_findings(self):
        seen = self.probe("mistakes")
        self.assertEqual(seen["tabStops"], 1)
        self.assertTrue(seen["right"] and seen["left"] and seen["end"], seen)
        self.assertEqual(seen["picked"], seen["wanted"])
        self.assertIn(seen["focused"], seen["wanted"])

    def test_filters_hide_and_bring_back(self):
        seen = self.probe("mistakes")
        self.assertEqual(seen["none"], 0)
        self.assertEqual(seen["all"], 5)
        self.assertEqual(seen["withoutHigh"], 0)
        self.assertTrue(seen["zoomed"])

    def test_everything_that_can_be_used_has_a_name_and_a_size(self):
        for case in CASES:
            seen = self.probe(case)
            self.assertEqual((seen["unnamed"], seen["small"]), (0, 0), case)

    def test_a_phone_never_scrolls_sideways(self):
        for case in ("hostile", "incomplete", "large"):
            with self.subTest(case):
                seen = self.probe(case, size="360,780")
                self.assertLessEqual(seen["width"], 500)
                self.assertEqual(seen["overflow"], 0)

    def test_text_has_enough_contrast_in_light_and_dark(self):
        for flags in ((), (DARK,)):
            for case in ("mistakes", "incomplete"):
                with self.subTest(case=case, flags=flags):
                    seen = self.probe(case, *flags)
                    self.assertEqual(seen["dark"], bool(flags))
                    self.assertGreater(seen["measured"], 20)
                    self.assertEqual(seen["faint"], [])


if __name__ == "__main__":
    unittest.main()
