// Carework.forms.decide(form, answers): what a form shows, demands and fixes for what is typed, as the server would decide it.
// `form` is the JSON of engine/targets/browser_form.py. `answers` is {typed: {field: value}, known: {path: value},
// behind: {link: {path: value}}, rows: {item: [answers]}, opaque: [formulas that stay as known]}, values in the forms of
// Carework.expressions; `behind` is there for links that were typed. Pure: reads no page and no clock.
"use strict";
(() => {
  const { evaluate } = globalThis.Carework.expressions;
  const NOTHING = Object.freeze({});

  // A condition: a plain flag, or a tree with what unknown means in its place.
  const settled = (condition, env, unknown) => {
    if (typeof condition === "boolean") return condition;
    return (evaluate(condition.tree, env) ?? unknown) === true;
  };

  class Row {
    constructor(form, group, answers, parent) {
      this.group = group;
      this.level = form.levels[group];
      this.answers = answers;
      this.parent = parent;
      this.children = {};
      this.state = {};
      this.computed = {};
      this.env = { ...answers.known };
      this.join(form);
    }

    // What stands elsewhere is looked up when it is asked for: the record behind the rows' link, and rows being edited.
    join(form) {
      const { link, reads } = this.level;
      for (const path of this.parent ? reads : []) {
        if (path.startsWith(`${link}.`)) this.lazily(path, () => this.parent.env[path.slice(link.length + 1)]);
      }
      for (const [item, { rows }] of this.parent ? [] : Object.entries(form.levels)) {
        if (rows) this.lazily(rows, () => (this.state[item].shown ? this.children[item].map((row) => row.env) : []));
      }
    }

    lazily(key, get) {
      Object.defineProperty(this.env, key, { get, configurable: true, enumerable: true });
    }

    decide(name) {
      const item = this.level.items[name];
      const above = item.above.every((other) => this.state[other].shown) && (!this.parent || this.parent.state[this.group].shown);
      const shown = above && settled(item.show, this.env, false);
      const fixed = settled(item.read_only, this.env, true);
      this.state[name] = { shown, required: false, read_only: fixed };
      if (item.field) this.settle(item, shown, fixed);
    }

    // What the record will have: nothing where it is cleared, what it has where it is hidden or fixed, else what was typed.
    settle({ field, cleared }, shown, fixed) {
      const { typed, behind = NOTHING } = this.answers;
      const paths = this.level.reads.filter((path) => path.startsWith(`${field}.`));
      if (!shown && cleared) {
        for (const key of [field, ...paths]) this.env[key] = null;
      } else if (shown && !fixed && Object.hasOwn(typed, field)) {
        this.env[field] = typed[field];
        const there = typed[field] === null ? NOTHING : behind[field] ?? NOTHING;
        for (const path of paths) this.env[path] = there[path.slice(field.length + 1)] ?? null;
      }
    }

    compute(name) {
      if (this.answers.opaque?.includes(name)) return;
      this.env[name] = this.computed[name] = evaluate(this.level.formulas[name], this.env);
    }

    sheet() {
      for (const [name, state] of Object.entries(this.state)) {
        state.required = state.shown && !state.read_only && settled(this.level.items[name].required, this.env, false);
      }
      const groups = Object.fromEntries(Object.entries(this.children).map(([item, rows]) => [item, rows.map((row) => row.sheet())]));
      return { items: this.state, groups, computed: this.computed };
    }
  }

  function decide(form, answers) {
    const whole = new Row(form, "", answers, null);
    for (const group of Object.keys(form.levels)) {
      if (group) whole.children[group] = (answers.rows?.[group] ?? []).map((row) => new Row(form, group, row, whole));
    }
    for (const [group, name, formula] of form.order) {
      for (const row of group ? whole.children[group] : [whole]) {
        if (formula) row.compute(name);
        else row.decide(name);
      }
    }
    return whole.sheet();
  }

  globalThis.Carework.forms = { decide };
})();
