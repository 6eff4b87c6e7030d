// The JSON form of values: {decode, encode}. A code names the type, as `engine/targets/browser.py` writes it:
// b boolean, i integer, f float, t text, id link, d2 decimal with 2 places, date, instant, time, hours, days, months,
// workdays, calendar, rows,
// ["list", code], ["map", code of the keys, code of the values]. What is not of the type becomes null.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { Dec, Day, Instant, Time, Span, Months, Workdays, DAY_US, LAST_DAY, ordinal, civil, monthLength, decimal, decimalText } = own.values;

  const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
  const INSTANT = /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;
  const TIME = /^([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?$/;
  const SPAN = /^(-?)PT([0-9]+)(?:\.([0-9]{1,6}))?S$/;
  const MONTHS = /^(-?)P([0-9]+)M$/;
  const WORKDAYS = /^(-?)([0-9]+) workdays$/;
  const pad = (number, size) => String(number).padStart(size, "0");
  const fraction = (digits) => BigInt((digits || "").slice(0, 6).padEnd(6, "0"));

  // The day that a text spells; with `roll` 30 February is 2 March, as in JavaScript's own Date.
  function date(text, roll = false) {
    const found = DATE.exec(text);
    if (!found) return null;
    const [year, month, day] = found.slice(1).map(Number);
    if (roll) return new Day(ordinal(year, month, day));
    const real = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= monthLength(year, month);
    return real ? new Day(ordinal(year, month, day)) : null;
  }

  function instant(text) {
    const found = INSTANT.exec(text);
    const day = found && date(found[1]);
    if (!day) return null;
    const [hour, minute, second] = found.slice(2, 5).map(Number);
    const [away, spare] = [Number(found[7] || 0), Number(found[8] || 0)];
    if (hour > 23 || minute > 59 || second > 59 || away * 60 + spare > 1439) return null;
    const shift = (away * 60 + spare) * (found[6] === "-" ? -60 : 60);
    const us = BigInt(day.n - 1) * DAY_US + BigInt(hour * 3600 + minute * 60 + second - shift) * 1000000n + fraction(found[5]);
    return us >= 0n && us < BigInt(LAST_DAY) * DAY_US ? new Instant(us) : null;
  }

  function time(text) {
    const found = TIME.exec(text);
    if (!found) return null;
    const [hour, minute, second] = [Number(found[1]), Number(found[2]), Number(found[3] || 0)];
    return hour < 24 && minute < 60 && second < 60 ? new Time(hour * 3600 + minute * 60 + second) : null;
  }

  function span(text) {
    const found = SPAN.exec(text);
    if (!found) return null;
    const us = BigInt(found[2]) * 1000000n + fraction(found[3]);
    return new Span(found[1] ? -us : us);
  }

  const counted = (pattern, Kind) => (text) => {
    const found = pattern.exec(text);
    return found && new Kind(found[1] ? -Number(found[2]) : Number(found[2]));
  };

  function calendar({ weekend, holidays, make_up_days: made }) {
    return new own.workdays.Calendar(weekend, holidays.map((day) => date(day)), made.map((day) => date(day)));
  }

  const text = (value) => typeof value === "string" ? value : null;
  const ofText = (read) => (value) => typeof value === "string" ? read(value) : null;
  const SCALARS = new Map(Object.entries({
    b: (value) => typeof value === "boolean" ? value : null,
    i: (value) => Number.isSafeInteger(value) ? value : null,
    f: (value) => Number.isFinite(value) ? value : null,
    t: text,
    id: (value) => value !== null && typeof value === "object" ? text(value.id) : text(value),
    d: (value) => Number.isSafeInteger(value) ? new Dec(BigInt(value), 0) : typeof value === "string" ? decimal(value) : null,
    date: ofText((value) => date(value)),
    instant: ofText(instant),
    time: ofText(time),
    hours: ofText(span),
    days: ofText(span),
    months: ofText(counted(MONTHS, Months)),
    workdays: ofText(counted(WORKDAYS, Workdays)),
    calendar,
    rows: (value) => Array.isArray(value) ? value : null,
  }));

  // The function that reads JSON values of a type.
  function decoder(code) {
    if (!Array.isArray(code)) return SCALARS.get(/^d[0-9]+$/.test(code) ? "d" : code);
    const [kind, first, second] = code;
    const item = decoder(first);
    if (kind === "list") return (value) => Array.isArray(value) ? value.map((each) => each === null ? null : item(each)) : null;
    const held = decoder(second);
    return (value) => Array.isArray(value) ? new Map(value.map(([key, each]) => [item(key), each === null ? null : held(each)])) : null;
  }

  const day = (number) => { const { year, month, day: of } = civil(number); return `${pad(year, 4)}-${pad(month, 2)}-${pad(of, 2)}`; };
  const micro = (us) => us ? `.${pad(us, 6)}` : "";

  function clock(seconds) {
    return `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  }

  function instantText({ us }) {
    const days = us / DAY_US;
    const rest = us % DAY_US;
    return `${day(Number(days) + 1)}T${clock(Number(rest / 1000000n))}${micro(rest % 1000000n)}Z`;
  }

  function spanText({ us }) {
    const size = us < 0n ? -us : us;
    return `${us < 0n ? "-" : ""}PT${size / 1000000n}${micro(size % 1000000n)}S`;
  }

  // The JSON form of any value; durations as ISO 8601 writes them, maps as lists of pairs.
  function encode(value) {
    if (value === undefined || value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(encode);
    if (value instanceof Map) return [...value].map(([key, each]) => [encode(key), encode(each)]);
    if (value instanceof Dec) return decimalText(value);
    if (value instanceof Day) return day(value.n);
    if (value instanceof Instant) return instantText(value);
    if (value instanceof Time) return clock(value.s);
    if (value instanceof Span) return spanText(value);
    if (value instanceof Months) return `${value.count < 0 ? "-" : ""}P${Math.abs(value.count)}M`;
    if (value instanceof Workdays) return `${value.count} workdays`;
    return null;
  }

  own.json = { decoder, encode, date, instant, time, day, clock, pad };
})();
