// The board: a card dropped on a column takes the step that leads there; a refused one goes back and says why.
// Without this file, and by keyboard or finger, the dots of a card open its next steps.
"use strict";
(() => {
  const { toast, words, csrf, closeAsk, enhance } = window.carework;
  const board = () => document.querySelector("[data-board]");
  const steps = () => JSON.parse(board().dataset.steps);
  const leading = (card, lane) => steps().filter((step) => step.from.includes(card.dataset.state) && (!lane || step.to === lane.dataset.lane));
  let held = null;

  // --- dragging ---
  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest && event.target.closest("[data-card]");
    if (!card || !board() || card.getAttribute("aria-busy")) return;
    held = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.querySelector(".tile-title").textContent);
    requestAnimationFrame(() => {
      if (held !== card) return;
      card.classList.add("is-held");
      document.querySelectorAll("[data-lane]").forEach((lane) => {
        if (!lane.contains(card)) lane.classList.add(leading(card, lane).length ? "is-open" : "is-shut");
      });
    });
  });

  document.addEventListener("dragover", (event) => {
    const lane = held && event.target.closest && event.target.closest("[data-lane]");
    document.querySelectorAll(".lane.is-over").forEach((other) => { if (other !== lane) other.classList.remove("is-over"); });
    if (!lane || lane.contains(held) || !leading(held, lane).length) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    lane.classList.add("is-over");
  });

  document.addEventListener("drop", (event) => {
    const lane = held && event.target.closest && event.target.closest("[data-lane]");
    if (!lane || lane.contains(held)) return;
    event.preventDefault();
    const card = held;
    const fitting = leading(card, lane);
    letGo();
    if (fitting.length === 1 && fitting[0].asks) ask(`${card.dataset.card}/t/${fitting[0].name}`);
    else if (fitting.length === 1) move(card, lane, fitting[0]);
    else if (fitting.length) {
      toast({ text: board().dataset.several });
      ask(`${card.dataset.card}/moves`);
    }
  });

  function letGo() {
    held = null;
    document.querySelectorAll(".is-held, .is-open, .is-shut, .is-over").forEach((part) => part.classList.remove("is-held", "is-open", "is-shut", "is-over"));
  }
  document.addEventListener("dragend", letGo);

  async function move(card, lane, step) {
    const from = card.parentNode;
    const next = card.nextSibling;
    const back = () => { from.insertBefore(card, next && next.parentNode === from ? next : null); card.classList.add("is-back"); };
    lane.querySelector(".tiles").prepend(card);
    card.setAttribute("aria-busy", "true");
    const body = new FormData();
    body.set("csrf_token", csrf());
    try {
      const answer = await post(`${card.dataset.card}/t/${step.name}`, body);
      if (answer.done) await refresh(card.id);
      else { back(); toast({ kind: "error", text: answer.reason }); }
    } catch { back(); toast({ kind: "error", text: words().offline }); }
    card.removeAttribute("aria-busy");
  }

  // --- asking the server: a step that was taken answers with the way to the record, a refused one with a page that says why ---
  async function post(url, body) {
    const response = await fetch(url, { method: "POST", body, redirect: "manual", credentials: "same-origin", headers: { "X-CSRFToken": csrf() } });
    if (response.type === "opaqueredirect" || response.status === 204) return { done: true };
    if (response.status === 401) return { done: false, reason: words().signedOut };
    return { done: false, ...await read(response) };
  }

  async function read(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const said = page.querySelector("main .flash-warning p, main .summary li, main .field-error, main .trouble h1 + p, main .head-note");
    return { page, reason: said ? said.textContent.trim() : words().failed };
  }

  // The form of a step in the dialog, or why there is none any more.
  async function ask(url) {
    try {
      const response = await fetch(url, { credentials: "same-origin" });
      const { page, reason } = await read(response);
      const form = response.ok && page.getElementById("ask-form");
      if (!form) { toast({ kind: "error", text: response.status === 401 ? words().signedOut : reason }); return; }
      const dialog = document.getElementById("ask");
      document.getElementById("ask-body").replaceChildren(document.adoptNode(form));
      if (!dialog.open) dialog.showModal();
      if (window.htmx) window.htmx.process(form);
      enhance(dialog);
    } catch { toast({ kind: "error", text: words().offline }); }
  }

  async function refresh(focus) {
    const response = await fetch(location.href, { credentials: "same-origin" });
    if (!response.ok) { location.reload(); return; }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of ["results", "flashes"]) {
      const fresh = page.getElementById(id);
      if (fresh) document.getElementById(id).replaceWith(document.adoptNode(fresh));
    }
    enhance(document.getElementById("flashes"));
    const card = focus && document.getElementById(focus);
    if (card) { card.classList.add("is-new"); card.querySelector("a").focus({ preventScroll: true }); }
  }

  Object.assign(window.carework, { post, refresh });

  // --- steps that ask first, or are chosen from a card's menu: their forms stand in the dialog ---
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const dialog = form.closest("#ask");
    if (!dialog || !document.querySelector("[data-board], [data-calendar]") || event.defaultPrevented || (form.dataset.confirm && form.dataset.confirmed !== "yes")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.sent === "yes") return;
    form.dataset.sent = "yes";
    const card = form.getAttribute("action").split("/")[3];
    try {
      const answer = await post(form.action, new FormData(form, event.submitter));
      if (answer.done) { closeAsk(dialog); await refresh(`${board() ? "card" : "entry"}-${card}`); return; }
      const again = answer.page && answer.page.getElementById("ask-form");
      if (again && form.id === "ask-form") {
        document.getElementById("ask-body").replaceChildren(document.adoptNode(again));
        enhance(dialog);
      } else { closeAsk(dialog); toast({ kind: "error", text: answer.reason }); }
    } catch { toast({ kind: "error", text: words().offline }); }
    delete form.dataset.sent;
  }, true);
})();
