// The order of a list's columns: buttons that move one up or down.
"use strict";
(() => {
  const list = document.querySelector("[data-columns]");
  if (!list) return;
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const row = button.closest("li");
    const up = button.dataset.move === "-1";
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (up) other.before(row); else other.after(row);
    button.focus();
  });
})();
