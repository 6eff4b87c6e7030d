// Carework.inputs: reads what stands in the inputs of a live form as values of expressions, and writes computed values as texts.
// A part is the element around an item's input; it says its type, its widget, and how options are stored.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const CONTROLS = "input:not([type=hidden]), select, textarea";
  const UNREADABLE = Symbol("unreadable");
  const controls = (part) => [...part.querySelectorAll(CONTROLS)];
  const type = (part) => JSON.parse(part.dataset.type || '"t"');
  const text = (part) => (part.querySelector(CONTROLS)?.value ?? "").normalize("NFC").trim();

  const stored = (part, name) => {
    const renamed = part.dataset.stored ? JSON.parse(part.dataset.stored) : {};
    return Object.hasOwn(renamed, name) ? renamed[name] : name;
  };

  function number(part) {
    const typed = text(part);
    if (!typed) return null;
    const code = type(part);
    if (code === "i") return /^[+-]?[0-9]{1,17}$/.test(typed) && Number.isSafeInteger(Number(typed)) ? Number(typed) : UNREADABLE;
    const found = /^[+]?(-?[0-9]{1,30})(?:\.([0-9]{1,30}))?$/.exec(typed);
    if (!found || (found[2] ?? "").length > Number(code.slice(1))) return UNREADABLE;
    return found[2] ? `${found[1]}.${found[2]}` : found[1];
  }

  // A time of the clinic's clock as an instant: the clock's own distance from UTC is asked twice, for the hours when it changes.
  function instant(part, zone) {
    const typed = text(part);
    if (!typed) return null;
    const found = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?$/.exec(typed);
    const wall = found && own.json.instant(`${found[1]}T${found[2]}${found[3] ?? ":00"}Z`);
    if (!wall) return UNREADABLE;
    let us = wall.us;
    for (let turn = 0; turn < 2; turn++) us = wall.us - (own.local(us, zone) - us);
    return own.json.encode(new own.values.Instant(us));
  }

  function time(part) {
    const typed = text(part);
    return typed === "" ? null : /^[0-9]{2}:[0-9]{2}$/.test(typed) ? `${typed}:00` : /^[0-9]{2}:[0-9]{2}:[0-9]{2}$/.test(typed) ? typed : UNREADABLE;
  }

  function date(part) {
    const typed = text(part);
    return typed === "" ? null : own.json.date(typed) ? typed : UNREADABLE;
  }

  const checked = (part) => controls(part).filter((control) => control.checked).map((control) => control.value);

  function choice(part) {
    const select = part.querySelector("select");
    const name = select ? select.value : checked(part)[0] ?? "";
    return name === "" ? null : stored(part, name);
  }

  function choices(part) {
    const names = checked(part).map((name) => stored(part, name));
    return names.length ? names : null;
  }

  function boolean(part) {
    const control = part.querySelector(CONTROLS);
    if (control.type === "checkbox") return control.checked;
    return { true: true, false: false }[checked(part)[0] ?? ""] ?? null;
  }

  function link(part) {
    const id = part.querySelector("[data-lookup-id]");
    return (id ? id.value : checked(part)[0]) || null;
  }

  function attachment(part) {
    const kept = part.querySelector('[name$=".keep"]');
    const removed = part.querySelector('[name$=".remove"]');
    const chosen = part.querySelector("input[type=file]").value;
    return chosen || (kept && !(removed && removed.checked) ? kept.value : null) || null;
  }

  const READERS = {
    number, choice, choices, boolean, link, attachment, date, time, datetime: instant,
    long_text: (part) => (part.querySelector(CONTROLS).value ?? "").replaceAll("\r\n", "\n").normalize("NFC").trim() || null,
  };

  // The value in a part's input, UNREADABLE for what cannot be one.
  function read(part, zone) {
    return (READERS[part.dataset.widget] ?? ((each) => text(each) || null))(part, zone);
  }

  // A computed value as the record's page would show it.
  function write(part, value) {
    const texts = part.dataset.texts ? JSON.parse(part.dataset.texts) : {};
    if (value === null || value === undefined) return "–";
    if (Array.isArray(value)) return value.map((each) => texts[each] ?? each).join(document.documentElement.lang.startsWith("zh") ? "、" : ", ");
    if (Object.hasOwn(texts, String(value))) return texts[String(value)];
    const places = Number(part.dataset.places || 0);
    if (places && typeof value !== "object") {
      const [whole, rest = ""] = String(value).split(".");
      return `${whole}.${rest.padEnd(places, "0")}`;
    }
    return String(value).replace(/^([0-9]{2}:[0-9]{2}):00$/, "$1");
  }

  globalThis.Carework.inputs = { read, write, controls, UNREADABLE };
})();
