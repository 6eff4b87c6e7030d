// The calendar: an entry dropped on another day or hour is moved there, a refused one goes back and says why; a click on a free
// place begins a new record at that time. Without this file the clock of an entry opens the same move as a form.
"use strict";
(() => {
  const { toast, words, csrf, post, refresh } = window.carework;
  const calendar = () => document.querySelector("[data-calendar]");
  const near = (event, selector) => event.target.closest && event.target.closest(selector);
  let held = null;

  // The time of a place in a day's column, to the quarter of an hour; null for the part that holds whole days.
  function timeAt(day, y) {
    const grid = day.querySelector("[data-grid]");
    if (!grid) return null;
    const box = grid.getBoundingClientRect();
    const quarter = Math.floor((y - box.top) / 15);
    if (quarter < 0 || box.height === 0) return null;
    const minutes = Math.min(Number(calendar().dataset.first) * 60 + quarter * 15, 23 * 60 + 45);
    return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  }

  function letGo() {
    held = null;
    document.querySelectorAll(".is-held, .is-over").forEach((part) => part.classList.remove("is-held", "is-target", "is-over"));
    document.querySelectorAll(".is-target").forEach((part) => part.classList.remove("is-target"));
  }

  document.addEventListener("dragstart", (event) => {
    const entry = near(event, "[data-entry]");
    if (!entry || entry.getAttribute("aria-busy")) return;
    const box = entry.getBoundingClientRect();
    held = { entry, grip: event.clientY - box.top };
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", entry.textContent.trim());
    requestAnimationFrame(() => entry.classList.add("is-held"));
  });
  document.addEventListener("dragover", (event) => {
    const day = held && near(event, "[data-day]");
    document.querySelectorAll(".is-target").forEach((other) => { if (other !== day) other.classList.remove("is-target"); });
    if (!day) return;
    event.preventDefault();
    day.classList.add("is-target");
  });
  document.addEventListener("dragend", letGo);
  document.addEventListener("drop", (event) => {
    const day = held && near(event, "[data-day]");
    if (!day) return;
    event.preventDefault();
    const { entry, grip } = held;
    letGo();
    const time = entry.dataset.time && (timeAt(day, event.clientY - grip + 7) || entry.dataset.time);
    const to = time ? `${day.dataset.day}T${time}` : day.dataset.day;
    if (entry.closest("[data-day]") === day && (!time || time === entry.dataset.time)) return;
    move(entry, day, to);
  });

  async function move(entry, day, to) {
    const from = entry.parentNode;
    const next = entry.nextSibling;
    const back = () => { from.insertBefore(entry, next && next.parentNode === from ? next : null); entry.classList.add("is-back"); };
    const list = entry.dataset.time && day.querySelector("[data-grid]") ? day.querySelector("[data-grid]") : day.querySelector(".entries");
    list.append(entry);
    entry.setAttribute("aria-busy", "true");
    const body = new FormData();
    body.set("csrf_token", csrf());
    body.set("_version", entry.dataset.version);
    body.set(calendar().dataset.field, to);
    try {
      const answer = await post(entry.querySelector(".entry-move").href, body);
      if (answer.done) await refresh(entry.id);
      else { back(); toast({ kind: "error", text: answer.reason }); }
    } catch { back(); toast({ kind: "error", text: words().offline }); }
    entry.removeAttribute("aria-busy");
  }

  document.addEventListener("click", (event) => {
    const day = near(event, "[data-day]");
    if (!day || !calendar().dataset.newUrl || near(event, "a, button, li, h3") || String(getSelection())) return;
    const time = timeAt(day, event.clientY);
    const value = time ? `${day.dataset.day}T${time}` : day.dataset.day;
    location.assign(`${calendar().dataset.newUrl}?v.${calendar().dataset.field}=${encodeURIComponent(value)}`);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "cal-date" && event.target.value && event.target.checkValidity()) event.target.form.requestSubmit();
  });
})();
