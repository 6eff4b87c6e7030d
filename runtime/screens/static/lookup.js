// The link picker: an ARIA 1.2 combobox with a list. It asks the address in data-lookup with `?q=` and expects
// {items: [{id, title, note}], more: bool}. Without this file the box is plain text that the server looks up.
"use strict";
(() => {
  class Lookup {
    constructor(box) {
      this.url = box.dataset.lookup;
      this.box = box;
      this.id = box.querySelector("[data-lookup-id]");
      this.text = box.querySelector("[data-lookup-text]");
      this.list = box.querySelector(".lookup-list");
      this.status = box.querySelector("[data-lookup-status]");
      this.clear = box.querySelector("[data-lookup-clear]");
      this.options = [];
      this.at = -1;
      this.text.setAttribute("role", "combobox");
      this.text.setAttribute("aria-autocomplete", "list");
      this.text.setAttribute("aria-expanded", "false");
      this.text.setAttribute("aria-controls", this.list.id);
      this.listen();
      this.mark();
    }

    listen() {
      this.text.addEventListener("input", (event) => { if (!event.isComposing) this.typed(); });
      this.text.addEventListener("compositionend", () => this.typed());
      this.text.addEventListener("keydown", (event) => this.key(event));
      this.text.addEventListener("click", () => { if (this.list.hidden) this.ask(this.id.value ? "" : this.text.value); });
      this.text.addEventListener("blur", () => setTimeout(() => this.leave(), 150));
      this.list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus in the box
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest('[role="option"]');
        if (option) this.choose(Number(option.dataset.at));
      });
      this.clear.addEventListener("click", () => { this.set({ id: "", title: "" }); this.text.focus(); });
    }

    typed() {
      this.id.value = "";
      this.mark();
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.ask(this.text.value), 200);
    }

    async ask(text) {
      if (this.asking) this.asking.abort();
      this.asking = new AbortController();
      const url = new URL(this.url, location.href);
      url.searchParams.set("q", text.trim());
      try {
        const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin", signal: this.asking.signal });
        if (!answer.ok) throw new Error(String(answer.status));
        const found = await answer.json();
        if (document.activeElement === this.text) this.show(found.items, Boolean(found.more));
      } catch (error) {
        if (error.name === "AbortError") return;
        this.hide();
        window.carework.toast({ kind: "error", text: window.carework.words().offline });
      }
    }

    show(items, more) {
      const words = window.carework.words();
      this.options = items;
      this.list.replaceChildren(...items.map((item, at) => this.option(item, at)));
      if (!items.length || more) this.list.append(this.remark(items.length ? words.more : words.none));
      this.list.hidden = false;
      this.text.setAttribute("aria-expanded", "true");
      this.status.textContent = items.length ? words.found.replace("%(count)s", String(items.length)) : words.none;
      this.point(items.length && this.text.value && !this.id.value ? 0 : -1);
    }

    option(item, at) {
      const line = document.createElement("li");
      line.id = `${this.list.id}-${at}`;
      line.dataset.at = String(at);
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      line.append(item.title);
      if (item.note) {
        const note = document.createElement("small");
        note.textContent = item.note;
        line.append(note);
      }
      return line;
    }

    remark(words) {
      const line = document.createElement("li");
      line.setAttribute("role", "presentation");
      line.textContent = words;
      return line;
    }

    point(at) {
      this.at = at;
      this.list.querySelectorAll('[role="option"]').forEach((line, number) => {
        line.setAttribute("aria-selected", String(number === at));
        if (number === at) line.scrollIntoView({ block: "nearest" });
      });
      if (at < 0) this.text.removeAttribute("aria-activedescendant");
      else this.text.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
    }

    key(event) {
      if (event.isComposing) return;
      const open = !this.list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) { this.ask(this.id.value ? "" : this.text.value); return; }
        const count = this.options.length;
        if (count) this.point((this.at + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
      } else if (event.key === "Enter" && open && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        if (this.at >= 0) this.choose(this.at);
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        event.stopPropagation();
        this.hide();
      }
    }

    choose(at) { this.set(this.options[at]); }

    set({ id, title }) {
      this.id.value = id;
      this.text.value = title;
      this.hide();
      this.mark();
      this.id.dispatchEvent(new Event("change", { bubbles: true }));
    }

    leave() {
      if (this.asking) this.asking.abort();
      this.hide();
      this.mark();
    }

    hide() {
      this.list.hidden = true;
      this.text.setAttribute("aria-expanded", "false");
      this.text.removeAttribute("aria-activedescendant");
      this.at = -1;
    }

    mark() {
      const open = Boolean(this.text.value && !this.id.value);
      this.clear.hidden = !this.text.value;
      this.box.classList.toggle("is-open-question", open && document.activeElement !== this.text);
      this.text.title = open ? window.carework.words().pick : "";
    }
  }

  const start = (part) => part.querySelectorAll("[data-lookup]").forEach((box) => {
    if (box.dataset.ready) return;
    box.dataset.ready = "yes";
    new Lookup(box);
  });
  document.addEventListener("carework:part", (event) => start(event.detail));
  start(document);
})();
