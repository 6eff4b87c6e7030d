// Selecting rows of a list, to do one thing with all of them: check boxes appear only when asked for.
"use strict";
(() => {
  const MOST = 200;
  const opener = document.querySelector("[data-select]");
  if (!opener) return;
  const chosen = new Set();
  let last = null;
  let on = false;

  const bar = () => document.querySelector("[data-bulk]");
  const boxes = () => [...document.querySelectorAll("[data-rows] tbody input[data-row]")];

  function decorate() {
    const label = bar() && bar().querySelector("[data-bulk-label]").dataset.text;
    document.querySelectorAll("[data-rows] tbody tr").forEach((row) => {
      const link = row.querySelector("th a");
      const found = link && /\/([0-9a-f]{32})$/.exec(link.pathname);
      if (!found || row.querySelector("input[data-row]")) return;
      const box = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input row-box", checked: chosen.has(found[1]) });
      box.dataset.row = found[1];
      box.setAttribute("aria-label", label.replace("%(title)s", link.textContent.trim()));
      link.before(box);
    });
  }

  function tell() {
    const here = bar();
    if (!here) return;
    here.hidden = !on;
    const count = here.querySelector("[data-bulk-count]");
    count.textContent = count.dataset.text.replace("%(count)s", String(chosen.size));
    here.querySelector("[data-bulk-go]").disabled = chosen.size === 0;
    document.documentElement.classList.toggle("selecting", on);
    opener.setAttribute("aria-pressed", String(on));
  }

  function set(box, checked) {
    if (checked && chosen.size >= MOST) return;
    box.checked = checked;
    if (checked) chosen.add(box.dataset.row); else chosen.delete(box.dataset.row);
    box.closest("tr").classList.toggle("is-chosen", checked);
  }

  function begin() { on = true; decorate(); tell(); const first = boxes()[0]; if (first) first.focus(); }
  function end() {
    on = false;
    chosen.clear();
    boxes().forEach((box) => { box.closest("tr").classList.remove("is-chosen"); box.remove(); });
    tell();
    opener.focus();
  }

  opener.addEventListener("click", () => (on ? end() : begin()));
  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[data-row]");
    if (box) {
      const all = boxes();
      const from = event.shiftKey && last ? all.indexOf(last) : -1;
      const to = all.indexOf(box);
      (from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1)).forEach((each) => set(each, box.checked));
      last = box;
      tell();
    } else if (event.target.closest("[data-bulk-end]")) end();
    else if (event.target.closest("[data-bulk-page]")) { boxes().forEach((each) => set(each, true)); tell(); }
    else if (event.target.closest("[data-bulk-go]") && chosen.size) {
      const form = Object.assign(document.createElement("form"), { method: "post", action: opener.dataset.selectUrl, hidden: true });
      const add = (name, value) => form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      chosen.forEach((id) => add("id", id));
      add("back", location.pathname + location.search);
      add("csrf_token", window.carework.csrf());
      document.body.append(form);
      form.submit();
    }
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && on && !event.defaultPrevented && !document.querySelector("dialog[open]")) end(); });
  document.addEventListener("htmx:after:swap", () => { if (on) { decorate(); tell(); } });
})();
