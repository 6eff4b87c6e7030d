// Conditions as rows: each [data-condition] holds a textarea that keeps the expression; rows are drawn above it where rows can say it.
// What is written is always the server's word: rows are sent, the text that they mean comes back and is what the form sends.
(() => {
  "use strict";
  const KINDS = {
    text: ["is", "is_not", "one_of", "filled", "empty"], whole: ["is", "is_not", "less", "at_most", "more", "at_least", "filled", "empty"],
    number: ["is", "is_not", "less", "at_most", "more", "at_least", "filled", "empty"],
    date: ["is", "less", "at_most", "more", "at_least", "filled", "empty"], instant: ["filled", "empty"],
    flag: ["true", "false", "filled", "empty"], choice: ["is", "is_not", "one_of", "none_of", "filled", "empty"],
    choices: ["contains", "contains_not"], link: ["filled", "empty"],
  };
  const BARE = new Set(["filled", "empty", "true", "false"]);
  const settled = new Map();  // widgets whose text is not yet what their rows say
  const csrf = () => document.querySelector('meta[name="csrf-token"]').content;

  function make(tag, attributes = {}, ...inside) {
    const found = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "class") found.className = value;
      else if (name.startsWith("on")) found.addEventListener(name.slice(2), value);
      else if (value !== false && value !== undefined) found.setAttribute(name, value === true ? "" : value);
    }
    found.append(...inside);
    return found;
  }

  async function ask(box, body) {
    const response = await fetch(box.dataset.url, {
      method: "POST", credentials: "same-origin", body: JSON.stringify({ about: JSON.parse(box.dataset.about), ...body }),
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
    });
    return response.json();
  }

  class Widget {
    constructor(box) {
      this.box = box;
      this.text = box.querySelector("textarea");
      this.fixed = this.text.readOnly;
      this.label = document.querySelector(`label[for="${CSS.escape(this.text.id)}"]`);
      this.turn = 0;
      this.begin();
    }

    async begin() {
      const found = await ask(this.box, { text: this.plain() ? "" : this.text.value, ask: true });
      this.words = found.words;
      this.operands = new Map(found.operands.map((one) => [one.path, one]));
      this.lists = found.operands.filter((one) => one.kind === "list" || one.kind === "user");
      this.group = found.rows;
      this.asText = found.rows === null;
      this.mode = !("mixed" in this.box.dataset) ? "" : this.plain() || (this.text.value ? "when" : "false");
      this.area = make("div", { class: "condition-rows", role: "group", "aria-label": this.label ? this.label.textContent.trim() : "" });
      this.problem = make("p", { class: "condition-problem", role: "status" });
      this.box.prepend(this.area);
      this.box.append(this.problem);
      this.text.addEventListener("input", () => this.typed());
      new window.careworkCompleting.Completing(this.text, async () => [...found.operands, ...found.language]);
      this.tell(found.problems);
      this.draw();
      this.box.classList.add("is-ready");
    }

    plain() { return ["true", "false"].includes(this.text.value.trim()) && "mixed" in this.box.dataset ? this.text.value.trim() : ""; }

    tell(problems) { this.problem.textContent = (problems || []).join(" "); this.problem.hidden = !this.problem.textContent; }

    typed() {
      clearTimeout(this.timer);
      this.timer = setTimeout(async () => {
        const turn = ++this.turn;
        const found = await ask(this.box, { text: this.text.value }).catch(() => null);
        if (!found || turn !== this.turn) return;
        this.tell(found.problems);
        this.group = found.rows;
        if (this.switch) this.switch.hidden = found.rows === null;
        if (this.note) this.note.hidden = found.rows !== null;
      }, 400);
    }

    // Rows that are not filled in yet are left out of what is sent.
    changed() {
      const turn = ++this.turn, pause = this.pause || 0;
      const full = (group) => ({ every: group.every, items: group.items.map((i) => (i.items ? full(i) : i)).filter(
        (i) => (i.items ? i.items.length : i.field && (BARE.has(i.operator) || (Array.isArray(i.value) ? i.value.length : i.value !== null && i.value !== "")))) });
      const asked = () => (turn === this.turn ? ask(this.box, { rows: full(this.group) }) : null);
      const sent = new Promise((go) => { setTimeout(go, pause); }).then(asked).then((found) => {
        if (!found || turn !== this.turn) return;
        if (found.text !== undefined) this.text.value = found.text;
        this.text.dispatchEvent(new Event("change", { bubbles: true }));
        this.tell(found.problems);
      }).catch(() => {}).finally(() => { if (settled.get(this) === sent) settled.delete(this); });
      settled.set(this, sent);
    }

    draw(focus) {
      const w = this.words;
      this.area.replaceChildren();
      if (this.mode) {
        this.area.append(this.choose(w.when, [["false", w.never], ["true", w.always], ["when", w.when]], this.mode, (value) => {
          this.mode = value;
          if (value !== "when") { this.text.value = value === "true" ? "true" : ""; this.group = { every: true, items: [] }; this.tell([]); }
          this.draw();
        }));
        if (this.mode !== "when") { this.text.hidden = true; return; }
      }
      this.text.hidden = !this.asText;
      if (!this.asText) this.area.append(this.drawn(this.group, true));
      else {
        this.note = make("p", { class: "field-help" }, w.only_text);
        this.note.hidden = this.group !== null;
        this.area.append(this.note);
      }
      this.switch = make("button", { type: "button", class: "btn btn-sm btn-bare condition-switch", onclick: () => this.turned() }, this.asText ? w.as_rows : w.as_text);
      this.switch.hidden = this.asText && this.group === null;
      (this.area.querySelector(":scope > .condition-group > .condition-adds") || this.area).append(this.switch);
      if (this.fixed) this.area.querySelectorAll("select, input, button:not(.condition-switch)").forEach((one) => { one.disabled = true; });
      const target = focus && this.area.querySelector(focus);
      if (target) target.focus();
    }

    async turned() {
      await (settled.get(this) || null);
      if (this.asText) {
        const found = await ask(this.box, { text: this.text.value });
        this.group = found.rows;
        this.tell(found.problems);
        if (found.rows === null) { this.draw(); return; }
      }
      this.asText = !this.asText;
      this.draw();
      (this.asText ? this.text : this.switch).focus();
    }

    drawn(group, top) {
      const w = this.words, box = make("div", { class: "condition-group" });
      if (group.items.length > 1) {
        box.append(this.choose(w.operator, [["every", w.every], ["any", w.any]], group.every ? "every" : "any", (value) => {
          group.every = value === "every";
          this.changed();
        }, "condition-join"));
      } else if (!group.items.length) box.append(make("p", { class: "field-help" }, w.none));
      group.items.forEach((item, place) => box.append(make("div", { class: item.items ? "condition-nested" : "condition-row" },
        ...(item.items ? [this.drawn(item, false)] : this.row(item)),
        make("button", { type: "button", class: "btn btn-bare condition-remove", "aria-label": w.remove, title: w.remove, onclick: () => {
          group.items.splice(place, 1);
          this.draw("[data-add]");
          this.changed();
        } }, "×"))));
      const add = make("button", { type: "button", class: "btn btn-sm", "data-add": true, onclick: () => {
        const first = [...this.operands.values()].find((one) => KINDS[one.kind]);
        if (!first) return;
        group.items.push({ field: first.path, operator: KINDS[first.kind][0], value: null });
        this.draw();
        const selects = this.area.querySelectorAll(".condition-row .condition-field");
        if (selects.length) selects[selects.length - 1].focus();
        this.changed();
      } }, `+ ${w.add}`);
      const more = make("button", { type: "button", class: "btn btn-sm btn-bare", onclick: () => {
        group.items.push({ every: !group.every, items: [] });
        this.draw();
      } }, `+ ${w.group}`);
      box.append(make("div", { class: "condition-adds" }, add, ...(top && group.items.length ? [more] : [])));
      return box;
    }

    choose(label, options, chosen, act, extra = "") {
      const made = make("select", { class: `form-select ${extra}`, "aria-label": label, onchange: () => act(made.value) });
      for (const [value, text] of options) made.append(make("option", { value, selected: value === chosen }, text));
      return made;
    }

    row(item) {
      const w = this.words, operand = this.operands.get(item.field) || { kind: "other", label: item.field, group: "" };
      const field = make("select", { class: "form-select condition-field", "aria-label": w.field, onchange: () => {
        const kind = this.operands.get(field.value).kind;
        Object.assign(item, { field: field.value, operator: KINDS[kind][0], value: null });
        this.draw();
        this.changed();
      } });
      const groups = new Map();
      for (const one of this.operands.values()) if (KINDS[one.kind]) groups.set(one.group, [...(groups.get(one.group) || []), one]);
      for (const [name, held] of groups) {
        field.append(make("optgroup", { label: name }, ...held.map((one) => make("option", { value: one.path, selected: one.path === item.field }, one.label))));
      }
      if (!this.operands.has(item.field)) field.prepend(make("option", { value: item.field, selected: true }, item.field));
      const lists = operand.kind === "link" ? this.lists.filter((one) => one.to === operand.to) : [];
      const usual = [...(KINDS[operand.kind] || []), ...(lists.some((l) => l.kind === "list") ? ["within"] : []), ...(lists.some((l) => l.kind === "user") ? ["is", "is_not"] : [])];
      const named = usual.includes(item.operator) ? usual : [...usual, item.operator];
      const said = { ...w.operators, ...(["date", "instant"].includes(operand.kind) ? w.dates : {}) };
      const operator = this.choose(w.operator, named.map((name) => [name, said[name]]), item.operator, (value) => {
        const listed = (name) => ["one_of", "none_of"].includes(name);
        if (BARE.has(value) || listed(value) !== listed(item.operator)) item.value = null;
        item.operator = value;
        this.draw();
        this.changed();
      }, "condition-operator");
      return [field, operator, ...(BARE.has(item.operator) ? [] : this.value(item, operand, lists))];
    }

    value(item, operand, lists) {
      const w = this.words, put = (value) => { item.value = value; this.changed(); };
      const spoken = item.value && typeof item.value === "object" && !Array.isArray(item.value) ? item.value.said : undefined;
      if (lists.length && ["within", "is", "is_not"].includes(item.operator)) {
        const fit = lists.filter((one) => (item.operator === "within") === (one.kind === "list"));
        if (!fit.some((one) => one.path === spoken)) { item.value = { said: fit[0].path }; this.changed(); }
        return [this.choose(w.value, fit.map((one) => [one.path, one.label]), item.value.said, (value) => put({ said: value }))];
      }
      if (["one_of", "none_of"].includes(item.operator)) return [this.several(item, operand, put)];
      if (operand.options && operand.options.length && (spoken === undefined)) {
        const known = operand.options.some(([name]) => name === item.value);
        return [this.choose(w.value, [...(known ? [] : [["", "…"]]), ...operand.options], known ? item.value : "", (value) => put(value || null))];
      }
      if (operand.kind === "date") return this.day(item, put);
      if (spoken !== undefined) return [this.typedIn("text", spoken, (value) => put({ said: value }))];
      if (operand.kind === "whole" || operand.kind === "number") {
        const held = item.value && item.value.decimal !== undefined ? item.value.decimal : item.value;
        return [this.typedIn("number", held, (value) => put(value === "" ? null : /^-?\d+$/.test(value) ? Number(value) : { decimal: value }), "any")];
      }
      return [this.typedIn("text", item.value, (value) => put(value === "" ? null : value))];
    }

    typedIn(type, value, act, step) {
      const made = make("input", { class: "form-control condition-value", type, step, "aria-label": this.words.value, value: value ?? "", autocomplete: "off",
        oninput: () => { this.pause = 250; act(made.value); this.pause = 0; } });
      return made;
    }

    several(item, operand, put) {
      const chosen = new Set(item.value || []);
      if (!operand.options || !operand.options.length) {
        const number = (part) => (/^-?\d+$/.test(part) ? Number(part) : /^-?\d+\.\d+$/.test(part) ? { decimal: part } : part);
        const read = ["whole", "number"].includes(operand.kind) ? number : (part) => part;
        const shown = [...chosen].map((one) => (one && one.decimal !== undefined ? one.decimal : one)).join(", ");
        return this.typedIn("text", shown, (value) => put(value.split(/[,，、]/).map((part) => part.trim()).filter(Boolean).map(read)));
      }
      const unknown = [...chosen].filter((one) => !operand.options.some(([name]) => name === one));  // such as retired options: kept
      return make("span", { class: "condition-several" }, ...operand.options.map(([name, label]) => {
        const tick = make("input", { type: "checkbox", class: "form-check-input", onchange: () => {
          if (tick.checked) chosen.add(name); else chosen.delete(name);
          put([...operand.options.map(([one]) => one).filter((one) => chosen.has(one)), ...unknown]);
        } });
        tick.checked = chosen.has(name);
        return make("label", { class: "choice-line" }, tick, " ", make("span", {}, label));
      }));
    }

    day(item, put) {
      const w = this.words, said = item.value && item.value.said;
      const date = /^date\('(\d{4}-\d\d-\d\d)'\)$/.exec(said || ""), moved = /^today ([+-]) days\((\d+)\)$/.exec(said || "");
      const kind = date || !said ? "day" : said === "today" ? "today" : moved ? (moved[1] === "-" ? "ago" : "ahead") : "other";
      const kinds = [["day", w.day], ["today", w.today], ["ago", w.ago], ["ahead", w.ahead], ...(kind === "other" ? [["other", w.other]] : [])];
      const select = this.choose(w.value, kinds, kind, (value) => {
        item.value = { day: null, today: { said: "today" }, ago: { said: "today - days(7)" }, ahead: { said: "today + days(7)" } }[value];
        this.draw();
        this.changed();
      });
      if (kind === "today") return [select];
      if (kind === "day") return [select, this.typedIn("date", date ? date[1] : "", (value) => put(value ? { said: `date('${value}')` } : null))];
      if (kind === "other") return [select, this.typedIn("text", said, (value) => put({ said: value }))];
      const sign = kind === "ago" ? "-" : "+";
      return [this.typedIn("number", moved[2], (value) => put(/^\d+$/.test(value) ? { said: `today ${sign} days(${value})` } : null)), select];
    }
  }

  function begin() {
    document.querySelectorAll("[data-condition]:not([data-begun])").forEach((box) => { box.dataset.begun = ""; new Widget(box); });
    document.querySelectorAll("[data-completes]:not([data-begun])").forEach((text) => {
      text.dataset.begun = "";
      new window.careworkCompleting.Completing(text, async () => {
        const found = await ask(text, { text: "", ask: true });
        return [...found.operands, ...found.language];
      });
    });
  }

  // A form is sent when its texts say what its rows say.
  document.addEventListener("submit", (event) => {
    const waiting = [...settled].filter(([widget]) => event.target.contains(widget.box)).map(([, sent]) => sent);
    if (!waiting.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target, submitter } = event, page = document.getElementById("design");
    page.setAttribute("aria-busy", "true");
    Promise.all(waiting).finally(() => {
      page.removeAttribute("aria-busy");
      target.requestSubmit(submitter);
    });
  }, true);
  document.addEventListener("design:refreshed", begin);
  begin();
})();
