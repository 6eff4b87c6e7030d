// Progressive enhancement: every page works without this file (forms post, links lead on).
// Here: questions before grave acts, unsaved work, toasts, row clicks, filters that send themselves, dialogs, CSRF for htmx.
"use strict";
(() => {
  const root = document.documentElement;
  const words = () => document.getElementById("strings").dataset;
  const csrf = () => document.querySelector('meta[name="csrf-token"]').content;
  root.classList.add("scripted");

  // --- revealing what only works with scripts; focus on the summary of errors ---
  function enhance(part) {
    part.querySelectorAll("[data-dismiss], [data-scripted]").forEach((control) => { control.hidden = false; });
    part.querySelectorAll(".filters-apply").forEach((control) => { control.hidden = true; });
    const first = part.querySelector("[data-focus]");
    if (first) first.focus();
    part.querySelectorAll("form[data-scripts]").forEach((form) => form.dataset.scripts.split(" ").forEach(load));
    document.dispatchEvent(new CustomEvent("carework:part", { detail: part }));
  }

  // --- scripts that only some forms need, in their order, each once ---
  const loaded = new Set();
  function load(address) {
    if (loaded.has(address)) return;
    loaded.add(address);
    document.head.append(Object.assign(document.createElement("script"), { src: address, async: false }));
  }

  // --- toasts: {kind, text, undo_url, undo_label}; also sent by the server as HX-Trigger: {"toast": {...}} ---
  function toast({ kind = "notice", text, undo_url: undoUrl, undo_label: undoLabel }) {
    let shelf = document.querySelector(".toasts");
    if (!shelf) {
      shelf = document.createElement("div");
      shelf.className = "toasts";
      document.body.append(shelf);
    }
    const flash = document.createElement("div");
    flash.className = `flash flash-${kind}`;
    flash.dataset.flash = "";
    flash.setAttribute("role", kind === "error" ? "alert" : "status");
    const line = document.createElement("p");
    line.textContent = text;
    flash.append(line);
    if (undoUrl) flash.append(undoForm(undoUrl, undoLabel));
    const close = document.createElement("button");
    close.type = "button";
    close.className = "flash-close";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", words().dismiss);
    close.textContent = "×";
    flash.append(close);
    shelf.append(flash);
    if (kind !== "error" && !undoUrl) setTimeout(() => flash.remove(), 8000);
  }

  function undoForm(url, label) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    const token = document.createElement("input");
    token.type = "hidden";
    token.name = "csrf_token";
    token.value = csrf();
    const button = document.createElement("button");
    button.className = "btn btn-sm";
    button.textContent = label;
    form.append(token, button);
    return form;
  }

  // --- dialogs ---
  function confirmFirst(form, submitter) {
    const dialog = document.getElementById("confirm");
    dialog.querySelector("#confirm-text").textContent = form.dataset.confirm;
    dialog.returnValue = "no";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter);
    };
    dialog.showModal();
  }

  function openAsk(href, source) {
    htmx.ajax("GET", href, { source, target: "#ask-body", select: "#ask-form", swap: "innerHTML" });
  }

  function closeAsk(dialog) {
    const form = dialog.querySelector("form[data-guard]");
    if (form) form.remove();
    dialog.close();
  }

  // --- unsaved work ---
  const snapshot = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
  const before = new WeakMap();
  let leaving = false;
  function watch(part) {
    part.querySelectorAll("form[data-guard]").forEach((form) => before.set(form, snapshot(form)));
  }
  // A form that came back with errors holds work that is nowhere stored: it counts as unsaved from the start.
  const unsaved = () => [...document.querySelectorAll("form[data-guard]")].some(
    (form) => form.dataset.guard === "always" || form.querySelector(".summary") || (before.has(form) && before.get(form) !== snapshot(form)),
  );
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && unsaved()) event.preventDefault();
  });
  window.addEventListener("pageshow", () => { leaving = false; });

  // --- one listener for each kind of event ---
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && form.dataset.confirmed !== "yes") {
      event.preventDefault();
      confirmFirst(form, event.submitter);
      return;
    }
    delete form.dataset.confirmed;
    if (form.method === "post") {
      if (form.dataset.sent === "yes") { event.preventDefault(); return; }
      form.dataset.sent = "yes"; // a double click must not send twice
      setTimeout(() => { delete form.dataset.sent; }, 4000);
      leaving = true;
    }
  });

  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) { dismiss.closest("[data-flash]").remove(); return; }
    const opener = event.target.closest("[data-open]");
    if (opener) { document.getElementById(opener.dataset.open).showModal(); return; }
    const closer = event.target.closest("[data-close]");
    if (closer) { closeAsk(closer.closest("dialog")); return; }
    const ask = event.target.closest("a[data-ask]");
    if (ask && !event.ctrlKey && !event.metaKey && !event.shiftKey && window.htmx) { event.preventDefault(); openAsk(ask.href, ask); return; }
    if (event.target.closest("#ask .actions a:not([data-leave])")) { event.preventDefault(); closeAsk(document.getElementById("ask")); return; }
    document.querySelectorAll("details[open].menu, details[open].more").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    openRow(event);
  });

  function openRow(event) {
    const row = event.target.closest("[data-rows] tbody tr");
    if (!row || event.target.closest("a, button, input, select, label, form") || String(getSelection())) return;
    const link = row.querySelector("th a");
    if (!link) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[open].menu, details[open].more").forEach((menu) => {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    });
  });

  // --- filters send themselves; pinyin being composed is not a search yet ---
  let pause;
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (form && event.target.matches("select")) form.requestSubmit();
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (!form || event.isComposing || !event.target.matches("[data-search]")) return;
    clearTimeout(pause);
    pause = setTimeout(() => form.requestSubmit(), 350);
  });
  document.addEventListener("compositionend", (event) => {
    if (event.target.matches("[data-search]")) event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // --- htmx ---
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    if (request.method !== "GET") { request.headers["X-CSRFToken"] = csrf(); return; }
    if (!(request.body instanceof FormData)) return;
    [...request.body].filter(([, value]) => value === "").forEach(([name]) => request.body.delete(name));
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail.ctx.target;
    if (target && target.id === "ask-body") {
      const dialog = document.getElementById("ask");
      if (!dialog.open) dialog.showModal();
    }
    const part = target && target.isConnected ? target : document.getElementById("results");
    if (part) { watch(part); enhance(part); }
  });
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx.response.status;
    toast({ kind: "error", text: status === 401 ? words().signedOut : words().failed });
  });
  document.addEventListener("htmx:error", () => toast({ kind: "error", text: words().offline }));
  document.addEventListener("toast", (event) => toast(event.detail));

  window.carework = { toast, words, csrf, closeAsk, enhance };
  watch(document);
  enhance(document);
})();
