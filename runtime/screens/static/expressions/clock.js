// Parts of dates, instants and durations, the day of an instant where a clinic is, and formats.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { Day, Instant, Time, Span, DAY_US, LAST_DAY, ordinal, civil } = own.values;
  const { pad } = own.json;
  const UNITS = { getHours: 3600000000n, getMinutes: 60000000n, getSeconds: 1000000n };
  const WORD = /([A-Za-z])\1*|[^A-Za-z]+/g;

  // What a clock shows: day, counted from 1, and microseconds of the day; null in a year before 1 or after 9999.
  function shown(x, zone) {
    if (x instanceof Day) return { day: x.n, us: 0n };
    if (x instanceof Time) return { day: 1, us: BigInt(x.s) * 1000000n };
    const us = zone === undefined ? x.us : own.local(x.us, zone);
    return us < 0n || us >= BigInt(LAST_DAY) * DAY_US ? null : { day: Number(us / DAY_US) + 1, us: us % DAY_US };
  }

  const date = ({ day }) => civil(day);
  const clock = (unit, limit) => ({ us }) => Number(us / unit % limit);
  const HOUR = clock(UNITS.getHours, 24n);
  const MINUTE = clock(UNITS.getMinutes, 60n);
  const SECOND = clock(UNITS.getSeconds, 60n);

  // CEL counts months, days of the month and days of the year from 0, and days of the week from Sunday.
  const PARTS = {
    getFullYear: (at) => date(at).year,
    getMonth: (at) => date(at).month - 1,
    getDate: (at) => date(at).day,
    getDayOfMonth: (at) => date(at).day - 1,
    getDayOfWeek: ({ day }) => day % 7,
    getDayOfYear: ({ day }) => day - ordinal(civil(day).year, 1, 1),
    getHours: HOUR,
    getMinutes: MINUTE,
    getSeconds: SECOND,
    getMilliseconds: clock(1000n, 1000n),
  };

  const there = (read) => (x, zone) => { const at = shown(x, zone); return at === null ? null : read(at); };

  // Of a duration all whole hours, minutes or seconds, cut towards zero, but the milliseconds of the last second.
  const ofSpan = (name, us) => Number(name === "getMilliseconds" ? us / 1000n % 1000n : us / UNITS[name]);
  const accessor = (name) => () => {
    const read = there(PARTS[name]);
    return (x, zone) => x instanceof Span ? ofSpan(name, x.us) : read(x, zone);
  };

  const LETTERS = {
    yyyy: (at) => pad(date(at).year, 4),
    MM: (at) => pad(date(at).month, 2),
    M: (at) => String(date(at).month),
    dd: (at) => pad(date(at).day, 2),
    d: (at) => String(date(at).day),
    HH: (at) => pad(HOUR(at), 2),
    mm: (at) => pad(MINUTE(at), 2),
    ss: (at) => pad(SECOND(at), 2),
  };

  function format() {
    const forms = new Map();
    const written = (form) => {
      if (!forms.has(form)) forms.set(form, form.match(WORD) ?? []);
      return (at) => forms.get(form).map((word) => Object.hasOwn(LETTERS, word) ? LETTERS[word](at) : word).join("");
    };
    return (x, form, zone) => there(written(form))(x, zone);
  }

  function day(code, rules) {
    const read = there((at) => new Day(at.day));
    return (x, zone) => typeof x === "string" ? rules.real_dates(x) : x instanceof Instant ? read(x, zone) : x;
  }

  own.clock = { FUNCTIONS: { ...Object.fromEntries(Object.keys(PARTS).map((name) => [name, accessor(name)])), format, date: day } };
})();
