// The pages of a form with steps: one at a time, with where one is, Back and Next; Next checks what is needed on the page.
"use strict";
(() => {
  class Steps {
    constructor(form, live) {
      this.form = form;
      this.live = live;
      this.steps = [...form.querySelectorAll("[data-step]")];
      this.at = Math.max(0, this.steps.findIndex((step) => step.querySelector(".is-bad, .field-error")));
      this.nav = document.createElement("nav");
      this.nav.className = "form-pages";
      this.nav.setAttribute("aria-label", live.said.steps);
      this.bar = document.createElement("ol");
      this.line = Object.assign(document.createElement("p"), { className: "form-pages-line" });
      this.nav.append(this.line, this.bar);
      this.steps[0].before(this.nav);
      this.actions = form.querySelector(".actions");
      this.save = this.actions.querySelector("[data-save]");
      this.back = this.button(live.said.back, "btn", () => this.go(this.at - 1));
      this.next = this.button(live.said.next, "btn btn-primary", () => this.forward());
      this.actions.prepend(this.next, this.back);
      form.classList.add("has-steps");
      form.addEventListener("submit", (event) => {
        if (event.submitter?.name === "_add" || this.last()) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        this.forward();
      }, { capture: true });
    }

    button(text, look, act) {
      const made = Object.assign(document.createElement("button"), { type: "button", className: look, textContent: text });
      made.addEventListener("click", act);
      return made;
    }

    open() { return this.steps.filter((step) => !step.classList.contains("is-off")); }

    last() { return this.at >= this.open().length - 1; }

    forward() {
      if (this.live.check(this.open()[this.at])) this.go(this.at + 1);
    }

    go(at) {
      this.at = at;
      this.refresh();
      const title = this.open()[this.at].querySelector(".step-title");
      title.focus({ preventScroll: true });
      this.nav.scrollIntoView({ block: "nearest" });
    }

    refresh() {
      for (const step of this.steps) {
        const state = this.live.sheet.items[step.dataset.step];
        const parts = [...step.querySelectorAll("[data-item]")];
        step.classList.toggle("is-off", !state?.shown || (parts.length > 0 && parts.every((part) => part.classList.contains("is-off"))));
      }
      const open = this.open();
      this.at = Math.min(Math.max(this.at, 0), Math.max(open.length - 1, 0));
      this.steps.forEach((step) => step.classList.toggle("is-current", step === open[this.at]));
      this.draw(open);
      this.back.hidden = this.at === 0;
      this.next.hidden = this.last();
      this.save.hidden = !this.last();
    }

    draw(open) {
      const titles = open.map((step) => step.querySelector(".step-title").textContent);
      const words = { number: this.at + 1, count: open.length, title: titles[this.at] ?? "" };
      const text = this.live.said.step.replace(/%\((\w+)\)s/g, (whole, name) => words[name]);
      if (this.line.textContent === text && this.bar.childElementCount === open.length) return;
      this.line.textContent = text;
      this.bar.replaceChildren(...titles.map((title, number) => {
        const item = document.createElement("li");
        const button = this.button(title, "form-pages-go", () => { if (number < this.at || this.live.check(open[this.at])) this.go(number); });
        if (number === this.at) button.setAttribute("aria-current", "step");
        item.className = number < this.at ? "is-done" : "";
        item.append(button);
        return item;
      }));
    }
  }

  globalThis.Carework.Steps = Steps;
})();
