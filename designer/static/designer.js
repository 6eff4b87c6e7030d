// The designer's pages: buttons that edit without loading the page anew, rows dragged to another place, undo by keyboard.
// Every page works without this script: each edit is a form of its own.
(() => {
  "use strict";
  const root = () => document.getElementById("design");
  const csrf = () => document.querySelector('meta[name="csrf-token"]').content;
  const words = () => window.carework.words();
  let busy = false;

  async function send(url, body, json) {
    const headers = { Accept: "application/json", "X-CSRFToken": csrf() };
    if (json) headers["Content-Type"] = "application/json";
    const response = await fetch(url, { method: "POST", body, headers, credentials: "same-origin" });
    const found = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(found.message || found.title || words().failed);
    return found;
  }

  // Shows the page as it is now, without moving what the person looks at; `focus` is a selector to go back to.
  async function refresh(focus) {
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("design");
    if (!response.ok || !fresh) { location.reload(); return; }
    const open = [...root().querySelectorAll("details")].map((d) => d.open);
    document.querySelector('meta[name="csrf-token"]').content = page.querySelector('meta[name="csrf-token"]').content;
    root().replaceWith(document.importNode(fresh, true));
    const details = [...root().querySelectorAll("details")];
    if (details.length === open.length) details.forEach((d, n) => { d.open = open[n]; });
    if (window.htmx) window.htmx.process(root());
    const target = focus && root().querySelector(focus);
    if (target) target.focus();
    document.dispatchEvent(new CustomEvent("design:refreshed"));
  }

  function working(now) {
    busy = now;
    if (!root()) return;
    if (now) root().setAttribute("aria-busy", "true");
    else root().removeAttribute("aria-busy");
  }
  window.addEventListener("pageshow", () => working(false));  // also when a page is gone back to that was left while it worked

  async function edit(act, focus) {
    if (busy) return;
    working(true);
    let leaving = false;
    try {
      const found = await act();
      const to = new URL(found.to || location.href, location.href);
      if (to.pathname !== location.pathname) {
        leaving = true;
        location.href = to.href;
        return;
      }
      if (to.search !== location.search) history.replaceState(null, "", to.href);
      await refresh(focus);
    } catch (error) {
      window.carework.toast({ kind: "error", text: error instanceof TypeError ? words().offline : error.message });
    } finally {
      if (!leaving) working(false);
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-edit]") || !root().contains(form)) return;
    event.preventDefault();
    delete form.dataset.sent;
    const button = event.submitter;
    if (button && button.getAttribute("aria-disabled") === "true") return;
    const row = form.closest("tr");
    const again = form.id ? `[id="${form.id}"] button` : row ? `[id="${row.id}"] [data-grip], [id="${row.id}"] a` : null;
    edit(() => send(form.action, new URLSearchParams(new FormData(form))), again);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (form && root().contains(form)) form.requestSubmit();
  });

  // --- another place for a row: by dragging the grip, or with Alt and the arrow keys on it ---
  const rows = (body) => [...body.querySelectorAll(":scope > tr:not(.is-gone)")];

  function move(body, name, after, focus = true) {
    const made = { ...JSON.parse(body.dataset.move), name, after };
    const section = made.section[made.section.length - 1];
    edit(() => send(body.dataset.url, JSON.stringify({ edit: made }), true), focus ? `[id="${section}-${name}"] [data-grip]` : null);
  }

  document.addEventListener("keydown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const row = grip.closest("tr"), body = row.parentNode, all = rows(body), place = all.indexOf(row);
    if (event.key === "ArrowUp" && place > 0) move(body, row.dataset.name, place > 1 ? all[place - 2].dataset.name : "");
    if (event.key === "ArrowDown" && place < all.length - 1) move(body, row.dataset.name, all[place + 1].dataset.name);
  });

  let dragged = null;
  const clear = () => document.querySelectorAll(".drop-before, .drop-after").forEach((r) => r.classList.remove("drop-before", "drop-after"));

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button !== 0) return;
    const row = grip.closest("tr");
    dragged = { row, body: row.parentNode, target: null, before: false, y: event.clientY, moved: false };
    grip.setPointerCapture(event.pointerId);
  });
  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    if (!dragged.moved && Math.abs(event.clientY - dragged.y) < 5) return;
    dragged.moved = true;
    dragged.row.classList.add("is-dragged");
    clear();
    dragged.target = null;
    for (const row of rows(dragged.body)) {
      const box = row.getBoundingClientRect();
      if (row !== dragged.row && event.clientY >= box.top && event.clientY < box.bottom) {
        dragged.target = row;
        dragged.before = event.clientY < box.top + box.height / 2;
        row.classList.add(dragged.before ? "drop-before" : "drop-after");
      }
    }
    if (event.clientY < 120) window.scrollBy(0, -12);
    if (event.clientY > window.innerHeight - 60) window.scrollBy(0, 12);
  });
  const drop = (event) => {
    if (!dragged) return;
    const { row, body, target, before, moved } = dragged;
    dragged = null;
    row.classList.remove("is-dragged");
    clear();
    if (event.type === "pointercancel" || !moved || !target) return;
    const all = rows(body).filter((r) => r !== row), place = all.indexOf(target) - (before ? 1 : 0);
    const after = place < 0 ? "" : all[place].dataset.name;
    const above = row.previousElementSibling;
    if (above ? above.dataset.name === after : after === "") return;
    move(body, row.dataset.name, after);
  };
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);

  // --- undo and redo ---
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("input, textarea, select, [contenteditable], #editor")) return;
    const key = event.key.toLowerCase();
    const which = key === "z" && !event.shiftKey ? "undo" : key === "y" || (key === "z" && event.shiftKey) ? "redo" : "";
    const form = which && document.getElementById(which);
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button"));
  });

  window.careworkDesign = { send, refresh };
})();
