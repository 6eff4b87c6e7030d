// Single-key shortcuts, listed by `?`. They can be switched off on each computer (WCAG 2.1.4).
"use strict";
(() => {
  const OFF = "carework.keys.off";
  const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const stored = () => { try { return localStorage.getItem(OFF) === "yes"; } catch { return false; } };
  const click = (selector) => () => { const control = document.querySelector(selector); if (control) control.click(); };

  function move(step) {
    const links = [...document.querySelectorAll("[data-rows] tbody th a, [data-board] .tile-title")].filter((link) => link.offsetParent);
    if (!links.length) return;
    const now = links.indexOf(document.activeElement);
    links[Math.min(Math.max(now + step, 0), links.length - 1)].focus();
  }

  const actions = {
    "?": () => { const help = document.getElementById("help-keys"); if (help) help.showModal(); },
    "/": () => { const box = document.querySelector("[data-search]"); if (box) { box.focus(); box.select(); } },
    n: click("a[data-new]"),
    e: click("a[data-edit]"),
    h: click("a.brand"),
    j: () => move(1),
    k: () => move(-1),
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      const save = form && form.querySelector("[data-save]");
      if (save) { event.preventDefault(); form.requestSubmit(save); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const action = actions[event.key];
    if (!action || (stored() && event.key !== "?")) return;
    event.preventDefault();
    action();
  });

  const choice = document.querySelector("[data-keys-on]");
  if (choice) {
    choice.checked = !stored();
    choice.addEventListener("change", () => {
      try { localStorage.setItem(OFF, choice.checked ? "no" : "yes"); } catch { /* a browser that stores nothing keeps the default */ }
    });
  }
})();
