// The search box at the top: finds below it while one types, arrows to move along them. Without this file the box leads to /search.
"use strict";
(() => {
  const form = document.querySelector("[data-find]");
  if (!form) return;
  const box = form.querySelector("[data-find-box]");
  const list = form.querySelector("[data-find-list]");
  let pause = 0;
  let asking = null;

  const rows = () => [...list.querySelectorAll("[data-find-row]")];
  const hide = () => { list.hidden = true; box.setAttribute("aria-expanded", "false"); };
  const show = () => { list.hidden = false; box.setAttribute("aria-expanded", "true"); };

  async function ask() {
    const typed = box.value.trim();
    if (asking) asking.abort();
    if (!typed) { hide(); list.replaceChildren(); return; }
    asking = new AbortController();
    const url = new URL("/search/box", location.href);
    url.searchParams.set("q", typed);
    try {
      const answer = await fetch(url, { credentials: "same-origin", signal: asking.signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.replaceChildren(...page.body.childNodes);
      if (form.contains(document.activeElement)) show();
    } catch (error) {
      if (error.name !== "AbortError") hide(); // Enter still leads to the page, which says what is wrong
    }
  }

  const typed = () => { clearTimeout(pause); pause = setTimeout(ask, 200); };
  box.addEventListener("input", (event) => { if (!event.isComposing) typed(); });
  box.addEventListener("compositionend", typed);
  box.addEventListener("focus", () => { if (list.childElementCount && box.value.trim()) show(); });
  form.addEventListener("focusout", () => setTimeout(() => { if (!form.contains(document.activeElement)) hide(); }, 0));
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); box.focus(); hide(); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [box, ...rows()];
    if (list.hidden || stops.length < 2) return;
    event.preventDefault();
    const at = Math.max(stops.indexOf(document.activeElement), 0) + (event.key === "ArrowDown" ? 1 : -1);
    stops[(at + stops.length) % stops.length].focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (box.offsetParent) { box.focus(); box.select(); } else location.assign("/search");
  });
})();
