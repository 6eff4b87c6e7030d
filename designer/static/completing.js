// Completion where an expression is typed: fields, options of the field that is compared, functions. Choosing by arrow keys and Enter or by
// pointer; Escape closes, Ctrl-Space opens. A list stands below the text, and a line that is read aloud says how many there are.
(() => {
  "use strict";
  const MOST = 8;
  const WORD = /[\p{L}_][\p{L}\p{N}_.]*$/u;
  const COMPARED = /([\p{L}_][\p{L}\p{N}_.]*)\s*(?:==|!=)\s*(['"]?)([^'"\s()&|]*)$/u;
  const LISTED = /([\p{L}_][\p{L}\p{N}_.]*)\s+in\s+\[[^\]]*?(['"]?)([^'",[\]]*)$/u;
  let numbers = 0;

  // The candidates at the end of `before`: {from, items}, where an item replaces what stands behind `from`.
  function candidates(before, offers) {
    const compared = COMPARED.exec(before) || LISTED.exec(before);
    const field = compared && offers.find((one) => one.path === compared[1] && one.options && one.options.length);
    if (field) {
      const part = compared[3].trim().toLowerCase();
      const items = field.options.filter(([name, label]) => name.toLowerCase().includes(part) || label.toLowerCase().includes(part))
        .map(([name, label]) => ({ text: `'${name}'`, label, whole: name === compared[3].trim() }));
      return { from: before.length - compared[3].length - compared[2].length, items };
    }
    const found = WORD.exec(before);
    if (!found || /['"][^'"]*$/.test(before.slice(0, found.index).replace(/'[^']*'|"[^"]*"/g, ""))) return { from: before.length, items: [] };
    const word = found[0].toLowerCase(), last = word.slice(word.lastIndexOf(".") + 1);
    const rank = (one) => {
      if (one.kind === "method") return word.includes(".") && one.path.toLowerCase().startsWith(last) ? 4 : -1;
      const path = one.path.toLowerCase(), label = (one.label || "").toLowerCase();
      const ours = one.kind === "function" || one.kind === "word";
      if (path.startsWith(word)) return ours && path !== word ? 1 : 0;
      if (ours) return -1;
      return label.includes(word) ? 2 : path.split(".").pop().startsWith(word) ? 3 : -1;
    };
    const ranked = offers.map((one) => ({ one, at: rank(one) })).filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at);
    const items = ranked.map(({ one }) => {
      const called = one.kind === "function" || one.kind === "method";
      const text = one.kind === "method" ? found[0].slice(0, found[0].lastIndexOf(".") + 1) + one.path : one.path;
      return { text: called ? `${text}(` : text, shown: called ? `${one.path}()` : one.path, label: one.label || "", group: one.group || "", whole: !called && text === found[0] };
    });
    return { from: found.index, items };
  }

  class Completing {
    // `offers` gives, once it is needed, a promise of [{path, label, group, kind, options}]; `said` of the words for the line that is read aloud.
    constructor(text, offers) {
      this.text = text;
      this.ask = offers;
      this.open = false;
      const id = `completing-${++numbers}`;
      this.list = Object.assign(document.createElement("ul"), { className: "completing", id, hidden: true });
      this.list.setAttribute("role", "listbox");
      this.said = Object.assign(document.createElement("span"), { className: "visually-hidden" });
      this.said.setAttribute("role", "status");
      const label = document.querySelector(`label[for="${CSS.escape(text.id)}"]`);
      this.list.setAttribute("aria-label", label ? label.textContent.trim() : text.name);
      const holder = document.createElement("div");
      holder.className = "completes";
      text.replaceWith(holder);
      holder.append(text, this.list, this.said);
      text.setAttribute("aria-autocomplete", "list");
      text.setAttribute("aria-controls", id);
      text.setAttribute("autocomplete", "off");
      text.addEventListener("input", (event) => { if (event.isTrusted !== false) this.look(false); });
      text.addEventListener("keydown", (event) => this.key(event));
      text.addEventListener("blur", () => this.close());
      this.list.addEventListener("pointerdown", (event) => {
        const row = event.target.closest("li");
        event.preventDefault();  // the text keeps the focus
        if (row) this.take(Number(row.dataset.place));
      });
    }

    async look(asked) {
      if (this.text.readOnly) return;
      this.known = this.known || this.ask();
      const offers = await this.known.catch(() => { this.known = null; return []; });
      if (document.activeElement !== this.text) return;
      const end = this.text.selectionEnd, before = this.text.value.slice(0, end);
      const found = candidates(before, offers);
      const all = asked && !found.items.length && !WORD.test(before)
        ? { from: end, items: offers.filter((one) => one.kind !== "method" && one.kind !== "function" && one.kind !== "word")
          .map((one) => ({ text: one.path, shown: one.path, label: one.label || "", group: one.group || "" })) } : found;
      this.from = all.from;
      this.items = all.items.some((one) => one.whole) && !asked ? [] : all.items.slice(0, MOST);
      if (!this.items.length) { this.close(); return; }
      this.open = true;
      this.draw(0);
    }

    draw(place) {
      this.at = place;
      this.list.replaceChildren(...this.items.map((one, n) => {
        const row = document.createElement("li"), code = document.createElement("code"), label = document.createElement("span");
        row.id = `${this.list.id}-${n}`;
        row.dataset.place = n;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", String(n === place));
        code.textContent = one.shown || one.text;
        label.textContent = [one.label, one.group].filter(Boolean).join(" · ");
        row.append(code, label);
        return row;
      }));
      this.list.hidden = false;
      this.text.setAttribute("aria-activedescendant", `${this.list.id}-${place}`);
      this.said.textContent = `${place + 1} / ${this.items.length}`;
      this.list.children[place].scrollIntoView({ block: "nearest" });
    }

    close() {
      this.open = false;
      this.list.hidden = true;
      this.said.textContent = "";
      this.text.removeAttribute("aria-activedescendant");
    }

    key(event) {
      if (event.isComposing) return;
      if (event.key === " " && event.ctrlKey) { event.preventDefault(); this.look(true); return; }
      if (!this.open) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { event.preventDefault(); this.draw((this.at + step + this.items.length) % this.items.length); }
      else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) { event.preventDefault(); this.take(this.at); }
      else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.close(); }
    }

    take(place) {
      const one = this.items[place], end = this.text.selectionEnd, after = this.text.value.slice(end);
      const closing = one.text.startsWith("'") && /^['"]/.test(after) ? 1 : 0;
      const call = one.text.endsWith("(") && !after.startsWith("(") ? ")" : "";
      this.text.setRangeText(one.text + call, this.from, end + closing, "end");
      if (call) this.text.setSelectionRange(this.text.selectionEnd - 1, this.text.selectionEnd - 1);
      this.close();
      this.text.dispatchEvent(new CustomEvent("input", { bubbles: true }));
      this.close();
    }
  }

  window.careworkCompleting = { Completing, candidates };
})();
