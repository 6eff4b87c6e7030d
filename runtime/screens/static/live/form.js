// A live form: with every change it shows, demands, fixes and computes what the conditions in `data-live` say, without asking the server.
// The server decides again when the form is saved. Its parts come before it: decide.js, inputs.js, rows.js, steps.js.
"use strict";
(() => {
  const { decide } = globalThis.Carework.forms;
  const { read, write, controls, UNREADABLE } = globalThis.Carework.inputs;

  class LiveForm {
    constructor(form) {
      this.form = form;
      this.tree = JSON.parse(form.dataset.live);
      this.about = JSON.parse(form.dataset.about);
      this.said = this.about.said;
      this.behind = {};
      this.first = true;
      this.status = Object.assign(document.createElement("p"), { className: "visually-hidden" });
      this.status.setAttribute("role", "status");
      form.append(this.status);
      this.rows = [...form.querySelectorAll("[data-rows-of]")].map((box) => new globalThis.Carework.Rows(box, this));
      this.steps = form.querySelector("[data-step]") ? new globalThis.Carework.Steps(form, this) : null;
      form.addEventListener("input", (event) => { if (!event.isComposing) this.update(); });
      form.addEventListener("compositionend", () => this.update());
      form.addEventListener("change", () => this.update());
      this.update();
    }

    // The parts of the form's own items, or of one row.
    parts(within) {
      return [...within.querySelectorAll("[data-item]")].filter((part) => (part.closest("[data-row]") ?? this.form) === within);
    }

    answers(within, about, group, key) {
      const typed = {};
      const behind = {};
      for (const part of this.parts(within)) {
        const { field, widget } = part.dataset;
        if (!field || widget === "read_only" || widget === "masked") continue;
        const value = read(part, this.about.zone);
        if (value === UNREADABLE) continue;
        typed[field] = value;
        if (widget === "link") behind[field] = this.there(group, field, value, about.known, key);
      }
      return { typed, known: about.known, opaque: about.opaque, behind };
    }

    // What lies behind a link: known for the one that the page came with, else fetched once for each record.
    there(group, field, id, known) {
      const paths = this.tree.levels[group].reads.filter((path) => path.startsWith(`${field}.`));
      if (!paths.length || !id) return {};
      if (known[field] === id) return Object.fromEntries(paths.map((path) => [path.slice(field.length + 1), known[path]]));
      const key = `${group} ${field} ${id}`;
      if (!(key in this.behind)) {
        this.behind[key] = {};
        const url = new URL(this.about.behind, location.href);
        Object.entries({ group, field, id }).forEach(([name, value]) => url.searchParams.set(name, value));
        fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" })
          .then((answer) => (answer.ok ? answer.json() : {}))
          .then((found) => { this.behind[key] = found; this.update(); }, () => { delete this.behind[key]; });
      }
      return this.behind[key];
    }

    update() {
      const rows = Object.fromEntries(this.rows.map((box) => [box.name, box.kept().map((row) => (
        this.answers(row, this.about.rows[box.name]?.[row.dataset.row] ?? this.about.rows[box.name]?.__n__ ?? { known: {} }, box.name)
      ))]));
      this.sheet = decide(this.tree, { ...this.answers(this.form, this.about, ""), rows });
      this.changed = { shown: [], hidden: [] };
      this.apply(this.form, this.sheet);
      for (const box of this.rows) box.kept().forEach((row, at) => this.apply(row, this.sheet.groups[box.name][at]));
      this.sections();
      this.rows.forEach((box) => box.refresh());
      this.steps?.refresh();
      this.tell();
    }

    apply(within, sheet) {
      for (const part of this.parts(within)) {
        const state = sheet.items[part.dataset.item];
        if (!state) continue;
        this.note(part, state.shown);
        part.classList.toggle("is-off", !state.shown);
        part.classList.toggle("is-must", state.required);
        part.classList.toggle("is-fixed", state.read_only && part.dataset.widget !== "read_only");
        if (part.dataset.widget === "read_only") this.compute(part, sheet);
        else if (part.dataset.field) this.hold(part, state);
      }
    }

    // Hidden inputs are not sent and not reached by the Tab key; fixed ones stand as the record has them.
    hold(part, { shown, required, read_only: fixed }) {
      for (const control of part.querySelectorAll("input, select, textarea, button")) {
        const typing = control.matches("textarea, input:not([type=radio], [type=checkbox], [type=file], [type=hidden])");
        if (fixed && shown) this.reset(control);
        if (typing) control.readOnly = fixed;
        control.disabled = !shown || (fixed && !typing && control.type !== "hidden");
        if (control.type !== "hidden" && control.type !== "button" && control.type !== "radio" && !control.required) {
          if (required) control.setAttribute("aria-required", "true");
          else control.removeAttribute("aria-required");
        }
      }
      part.querySelector("[role=radiogroup]")?.setAttribute("aria-required", String(required));
    }

    reset(control) {
      if (control.matches("[type=radio], [type=checkbox]")) control.checked = control.defaultChecked;
      else if (control.matches("select")) [...control.options].forEach((option) => { option.selected = option.defaultSelected; });
      else if (control.type !== "file" && control.defaultValue !== undefined) control.value = control.defaultValue;
    }

    compute(part, sheet) {
      const { field } = part.dataset;
      if (!Object.hasOwn(sheet.computed, field)) return;
      const place = part.querySelector("[data-value]");
      const text = write(part, sheet.computed[field]);
      place.setAttribute("aria-live", "polite");
      if (place.textContent !== text) place.textContent = text;
    }

    // A section without anything to see goes with its heading.
    sections() {
      for (const section of this.form.querySelectorAll("section.section:not([data-item])")) {
        const heading = section.dataset.heading;
        const parts = [...section.querySelectorAll("[data-item]")];
        const gone = parts.length > 0 && parts.every((part) => part.classList.contains("is-off"));
        section.classList.toggle("is-off", gone || Boolean(heading && this.sheet.items[heading] && !this.sheet.items[heading].shown));
      }
    }

    note(part, shown) {
      if (this.first || shown !== part.classList.contains("is-off")) return;
      const label = part.querySelector(".form-label, legend, h2, .form-note")?.firstChild?.textContent?.trim();
      if (label) this.changed[shown ? "shown" : "hidden"].push(label);
    }

    tell() {
      const lines = Object.entries(this.changed).filter(([, names]) => names.length);
      if (lines.length) this.status.textContent = lines.map(([what, names]) => this.said[what].replace("%(items)s", names.join(", "))).join(" ");
      this.first = false;
    }

    // Items within that are demanded and empty; each is marked, the first gets the focus.
    check(within) {
      const empty = [...within.querySelectorAll("[data-field]")].filter((part) => {
        const needed = part.classList.contains("is-must") || part.querySelector("[required], [role=radiogroup][aria-required=true]");
        const open = !part.closest(".is-off, .is-removed") && !part.classList.contains("is-fixed");
        const bad = Boolean(needed) && open && read(part, this.about.zone) === null;
        this.mark(part, bad);
        return bad;
      });
      const first = empty.length && (controls(empty[0]).find((control) => !control.disabled));
      if (first) first.focus();
      return !empty.length;
    }

    mark(part, bad) {
      const field = part.querySelector(".field");
      const there = field.querySelector("[data-needed]");
      if (!bad) { there?.remove(); if (there) field.classList.remove("is-bad"); return; }
      field.classList.add("is-bad");
      if (there) return;
      const line = Object.assign(document.createElement("p"), { className: "field-error", textContent: this.said.needed });
      line.dataset.needed = "";
      field.append(line);
    }
  }

  const start = (part) => [...part.querySelectorAll("form[data-live]"), ...(part.matches?.("form[data-live]") ? [part] : [])].forEach((form) => {
    if (form.dataset.alive) return;
    form.dataset.alive = "yes";
    form.liveForm = new LiveForm(form);
    form.dispatchEvent(new CustomEvent("carework:alive", { bubbles: true }));
  });
  document.addEventListener("carework:part", (event) => start(event.detail));
  start(document);
})();
