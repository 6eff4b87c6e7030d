// The access matrix by keyboard: arrow keys go from cell to cell, Home and End to the ends of a line; Enter and the space bar tick.
(() => {
  "use strict";
  const cells = (row) => [...row.querySelectorAll("[data-cell]")];

  function beside(row, cell, step) {
    const all = cells(row), place = all.indexOf(cell) + step;
    return all[Math.max(0, Math.min(all.length - 1, place))];
  }

  function below(row, cell, step) {
    const place = cells(row).indexOf(cell), rows = [...row.parentNode.children].filter((r) => cells(r).length);
    const other = rows[rows.indexOf(row) + step];
    return other && cells(other)[Math.min(place, cells(other).length - 1)];
  }

  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-matrix] [data-cell]");
    if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = cell.closest("tr");
    const to = {
      ArrowRight: () => beside(row, cell, 1), ArrowLeft: () => beside(row, cell, -1), ArrowDown: () => below(row, cell, 1),
      ArrowUp: () => below(row, cell, -1), Home: () => cells(row)[0], End: () => cells(row).at(-1),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    const target = to();
    if (target) target.focus();
  });
})();
