// Keeps what is typed into a form that is not saved yet: a moment after the last key, and when the page is left.
// The server says whether there is a draft from before; nothing of it is kept in the browser.
"use strict";
(() => {
  const PAUSE = 2500;
  const csrf = () => document.querySelector('meta[name="csrf-token"]').content;

  class Draft {
    constructor(form) {
      this.form = form;
      this.url = form.dataset.draft;
      this.kept = this.snapshot();
      this.last = this.kept;
      form.addEventListener("input", () => this.soon());
      form.addEventListener("change", () => this.soon());
      form.addEventListener("submit", () => { clearTimeout(this.pause); this.sent = true; setTimeout(() => { this.sent = false; }, 4000); });
      document.addEventListener("visibilitychange", () => { if (document.hidden) this.keep(); });
      if (!form.querySelector(".summary") && !this.id()) this.ask();
    }

    inputs() {
      return [...new FormData(this.form)].filter(([, value]) => typeof value === "string");
    }

    snapshot() {
      return JSON.stringify(this.inputs().filter(([name]) => name !== "_draft"));
    }

    id() { return this.form.querySelector('input[name="_draft"]')?.value ?? ""; }

    soon() {
      if (!this.form.isConnected) return;
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.keep(), PAUSE);
    }

    async keep() {
      clearTimeout(this.pause);
      const now = this.snapshot();
      if (this.sent || this.keeping || !this.form.isConnected || now === this.last || now === this.kept) return;
      this.keeping = true;
      try {
        const body = new URLSearchParams(this.inputs());
        const answer = await fetch(this.url, { method: "POST", body, headers: { "X-CSRFToken": csrf() }, credentials: "same-origin", keepalive: true });
        if (!answer.ok) return;
        this.last = now;
        const { id } = await answer.json();
        this.name(id);
      } catch {
        // Without a connection the form still holds everything; the next change tries again.
      } finally {
        this.keeping = false;
      }
    }

    name(id) {
      let field = this.form.querySelector('input[name="_draft"]');
      if (!field) {
        field = Object.assign(document.createElement("input"), { type: "hidden", name: "_draft" });
        this.form.append(field);
      }
      field.value = id;
    }

    async ask() {
      try {
        const answer = await fetch(this.url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
        const found = answer.ok ? await answer.json() : {};
        if (found.id && this.form.isConnected && !this.id()) this.offer(found);
      } catch {
        // No word of a draft is no harm: it is offered when the form is opened again.
      }
    }

    offer(found) {
      const banner = document.createElement("div");
      banner.className = "flash flash-warning draft-offer";
      banner.setAttribute("role", "status");
      const go = Object.assign(document.createElement("a"), { className: "btn btn-sm", href: found.url, textContent: found.go });
      const drop = Object.assign(document.createElement("button"), { className: "btn btn-sm", type: "button", textContent: found.drop });
      drop.addEventListener("click", () => {
        banner.remove();
        fetch(this.url, {
          method: "POST", body: new URLSearchParams({ _drop: found.id }), headers: { "X-CSRFToken": csrf() }, credentials: "same-origin",
        }).catch(() => {});
      });
      const line = Object.assign(document.createElement("p"), { textContent: found.text });
      banner.append(line, go, drop);
      this.form.prepend(banner);
    }
  }

  const start = (part) => [...part.querySelectorAll("form[data-draft]")].forEach((form) => {
    if (form.dataset.drafted) return;
    form.dataset.drafted = "yes";
    new Draft(form);
  });
  document.addEventListener("carework:part", (event) => start(event.detail));
  start(document);
})();
