// Rows that are edited within a form: add, take away with a way back, move up and down. See templates/parts/rows.html.
"use strict";
(() => {
  const ATTRIBUTES = ["name", "id", "for", "value", "aria-describedby", "aria-controls", "data-row"];

  class Rows {
    constructor(box, live) {
      this.box = box;
      this.live = live;
      this.name = box.dataset.rowsOf;
      this.list = box.querySelector(".rows-list");
      this.blank = box.querySelector("template");
      this.adder = box.querySelector("[data-row-add]");
      this.max = Number(box.dataset.max);
      this.none = box.querySelector(".rows-none");
      box.addEventListener("click", (event) => this.clicked(event));
      box.querySelectorAll(".row-remove-check").forEach((check) => { check.hidden = true; });
      box.querySelectorAll("[data-scripted]").forEach((control) => { control.hidden = false; });
    }

    all() { return [...this.list.children]; }

    kept() { return this.all().filter((row) => !row.classList.contains("is-removed")); }

    clicked(event) {
      const button = event.target.closest("button");
      if (!button) return;
      const row = button.closest("[data-row]");
      if (button === this.adder) { event.preventDefault(); this.add(); }
      else if (button.matches("[data-row-remove]")) this.remove(row);
      else if (button.matches("[data-row-up]")) this.move(row, row.previousElementSibling, button);
      else if (button.matches("[data-row-down]")) this.move(row.nextElementSibling, row, button);
    }

    add() {
      const key = String(this.all().reduce((most, row) => Math.max(most, Number(row.dataset.row)), -1) + 1);
      const row = this.blank.content.cloneNode(true).querySelector("[data-row]");
      for (const element of [row, ...row.querySelectorAll("*")]) {
        for (const name of ATTRIBUTES) {
          const value = element.getAttribute(name);
          if (value?.includes("__n__")) element.setAttribute(name, value.replaceAll("__n__", key));
        }
      }
      row.querySelectorAll("[data-scripted]").forEach((control) => { control.hidden = false; });
      this.list.append(row);
      document.dispatchEvent(new CustomEvent("carework:part", { detail: row }));
      this.live.update();
      row.querySelector("input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)")?.focus();
      this.touched();
    }

    // A stored row is only marked, and comes back by the same button; a new one goes at once.
    remove(row) {
      const mark = row.querySelector('[name$="._remove"]');
      if (!mark) {
        const next = row.nextElementSibling ?? row.previousElementSibling;
        row.remove();
        (next?.querySelector("[data-row-remove]") ?? this.adder)?.focus();
      } else {
        mark.checked = !mark.checked;
        row.classList.toggle("is-removed", mark.checked);
        row.querySelector("[data-row-remove] span").textContent = mark.checked ? this.live.said.undo : this.live.said.remove;
        this.live.status.textContent = mark.checked ? this.live.said.removed : "";
      }
      this.live.update();
      this.touched();
    }

    move(row, before, button) {
      if (!row || !before) return;
      this.list.insertBefore(row, before);
      button.focus();
      this.live.update();
      this.touched();
    }

    touched() { this.box.dispatchEvent(new Event("change", { bubbles: true })); }

    refresh() {
      this.none.hidden = this.all().length > 0;
      this.all().forEach((row) => {
        const gone = row.classList.contains("is-removed");
        const controls = row.querySelectorAll(":scope [data-item] :is(input, select, textarea)");
        if (gone) controls.forEach((control) => { control.disabled = true; });
      });
      if (!this.adder) return;
      const full = this.kept().length >= this.max;
      this.adder.disabled = full;
      this.adder.title = full ? this.live.said.many : "";
    }
  }

  globalThis.Carework.Rows = Rows;
})();
