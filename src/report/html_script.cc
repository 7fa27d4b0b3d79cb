// The script of the HTML report: filters, copying, the arrow keys of the matrix, zoom. Everything
// is there to be read without it.
#include "report/html_parts.h"

namespace firebreak {

const std::string_view kHtmlScript = R"js(
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  all(".js").forEach((element) => { element.hidden = false; });

  // Findings named in the address are unfolded.
  const findings = all(".finding");
  const show = (target) => {
    if (!target || !target.classList.contains("finding")) return;
    target.hidden = false;
    target.closest(".group").hidden = false;
    target.open = true;
    target.scrollIntoView({ block: "start" });
    target.querySelector("summary").focus({ preventScroll: true });
  };
  const unfold = () => show(byId(decodeURIComponent(location.hash.slice(1))));
  addEventListener("hashchange", unfold);

  // Filters. `chosen` holds the ids of a matrix cell, if one was picked.
  const form = byId("filters");
  let chosen = null;
  const apply = () => {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = all("input[name=severity]:checked", form).map((box) => box.value);
    const dimension = byId("dimension").value;
    let shown = 0;
    for (const finding of findings) {
      const text = words.length ? finding.textContent.toLowerCase() : "";
      const keep = (!chosen || chosen.has(finding.id)) && severities.includes(finding.dataset.severity) &&
        (!dimension || finding.dataset.dimension === dimension) && words.every((word) => text.includes(word));
      finding.hidden = !keep;
      if (keep) ++shown;
    }
    for (const group of all(".group")) group.hidden = !group.querySelector(".finding:not([hidden])");
    byId("shown").textContent = shown + " of " + findings.length + " shown";
  };
  if (form) {
    form.addEventListener("input", () => { chosen = null; apply(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { chosen = null; apply(); }));
    apply();
  }

  // The matrix: one tab stop, arrow keys inside, Enter and Space show a cell's findings.
  const table = byId("matrix-table");
  if (table) {
    const rows = [...table.tBodies[0].rows].map((row) =>
      [...row.cells].slice(1).map((cell) => cell.querySelector("a") || cell));
    const flat = rows.flat();
    flat.forEach((cell) => { cell.tabIndex = -1; });
    const first = flat.find((cell) => cell.tagName === "A") || flat[0];
    if (first) first.tabIndex = 0;
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const focus = (cell) => {
      flat.forEach((other) => { other.tabIndex = -1; });
      cell.tabIndex = 0;
      cell.focus();
    };
    table.addEventListener("keydown", (event) => {
      const y = rows.findIndex((row) => row.includes(event.target));
      if (y < 0) return;
      const x = rows[y].indexOf(event.target);
      if (event.key === " " && event.target.tagName === "A") {
        event.preventDefault();
        event.target.click();
      } else if (event.key === "Home" || event.key === "End") {
        event.preventDefault();
        focus(event.key === "Home" ? rows[y][0] : rows[y][rows[y].length - 1]);
      } else if (moves[event.key]) {
        event.preventDefault();
        const [dy, dx] = moves[event.key];
        const next = rows[y + dy] && rows[y + dy][x + dx];
        if (next) focus(next);
      }
    });
    table.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-findings]");
      if (!link || !form) return;
      event.preventDefault();  // the jump would take the focus away again
      form.reset();
      setTimeout(() => {
        const ids = link.dataset.findings.split(" ").map((id) => "f-" + id);
        chosen = new Set(ids);
        apply();
        show(byId(ids[0]));
      });
    });
  }

  // Copy buttons; the old way where the clipboard is not open to files.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  for (const button of all(".copy")) {
    button.addEventListener("click", async () => {
      const done = await copy(button.parentElement.querySelector("code").textContent);
      button.textContent = done ? "Copied" : "Not copied: select the text instead";
      button.focus();
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  // The map's size.
  const svg = byId("map-svg");
  if (svg) {
    const width = svg.width.baseVal.value, height = svg.height.baseVal.value;
    let scale = 1;
    const zoom = (factor) => {
      scale = Math.min(4, Math.max(0.1, factor));
      svg.setAttribute("width", width * scale);
      svg.setAttribute("height", height * scale);
    };
    byId("zoom-in").addEventListener("click", () => zoom(scale * 1.25));
    byId("zoom-out").addEventListener("click", () => zoom(scale / 1.25));
    byId("zoom-fit").addEventListener("click", () => {
      const box = byId("map-box");
      zoom(Math.min(box.clientWidth / width, (innerHeight * 0.8) / height));
    });
  }

  // Paper has no folds.
  addEventListener("beforeprint", () => { all("details").forEach((each) => { each.open = true; }); });
  unfold();
})();
)js";

}  // namespace firebreak
