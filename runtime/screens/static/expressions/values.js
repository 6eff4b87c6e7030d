// Values of expressions in the browser: what they are, how they compare, and their JSON form in both directions.
// Texts, booleans, integers and floats are JavaScript's own; a list is an array, a map a Map, unknown is null.
// Nothing here asks the browser for the time, the zone or the language.
"use strict";
(() => {
  const own = ((globalThis.Carework ??= {}).expressions ??= {});

  // An exact number: n / 10^places, n a BigInt.
  class Dec { constructor(n, places) { this.n = n; this.places = places; } }
  // A day, counted from 1 January of the year 1, which is 1.
  class Day { constructor(n) { this.n = n; } }
  // An instant in microseconds since the year 1 began (UTC), a BigInt.
  class Instant { constructor(us) { this.us = us; } }
  // A time of day in seconds.
  class Time { constructor(s) { this.s = s; } }
  // Hours and days: microseconds, a BigInt.
  class Span { constructor(us) { this.us = us; } }
  class Months { constructor(count) { this.count = count; } }
  class Workdays { constructor(count) { this.count = count; } }

  const DAY_US = 86400000000n;
  const LAST_DAY = 3652059;
  const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

  // --- the budget of one evaluation: a fence behind the checker's; beyond it the whole value is null ---
  const meter = { left: 0 };
  const OUT = new RangeError("more steps than an expression may take");
  const spend = (steps) => { if ((meter.left -= steps) < 0) throw OUT; };

  // --- the calendar: Gregorian, also before it was invented ---
  const floor = Math.floor;
  function ordinal(year, month, day) {
    const y = month <= 2 ? year - 1 : year;
    const era = floor(y / 400);
    const ofEra = y - era * 400;
    const ofYear = floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
    return era * 146097 + ofEra * 365 + floor(ofEra / 4) - floor(ofEra / 100) + ofYear - 305;
  }

  function civil(number) {
    const z = number + 305;
    const era = floor(z / 146097);
    const day = z - era * 146097;
    const ofEra = floor((day - floor(day / 1460) + floor(day / 36524) - floor(day / 146096)) / 365);
    const ofYear = day - (365 * ofEra + floor(ofEra / 4) - floor(ofEra / 100));
    const m = floor((5 * ofYear + 2) / 153);
    const month = m < 10 ? m + 3 : m - 9;
    return { year: ofEra + era * 400 + (month <= 2 ? 1 : 0), month, day: ofYear - floor((153 * m + 2) / 5) + 1 };
  }

  const leap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const monthLength = (year, month) => month === 2 ? (leap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

  // --- texts ---
  // UTF-16 puts the characters beyond U+FFFF before U+E000; this puts them behind, where their code points are.
  const place = (unit) => unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
  function byCodePoint(x, y) {
    const end = Math.min(x.length, y.length);
    for (let at = 0; at < end; at++) {
      const one = x.charCodeAt(at);
      const two = y.charCodeAt(at);
      if (one !== two) return place(one) < place(two) ? -1 : 1;
    }
    return x.length - y.length;
  }

  function characters(text) {
    let count = text.length;
    for (let at = 0; at + 1 < text.length; at++) {
      if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) { count--; at++; }
    }
    return count;
  }

  // --- exact numbers ---
  const power = (exponent) => 10n ** BigInt(exponent);
  const dec = (x) => x instanceof Dec ? x : new Dec(BigInt(x), 0);
  const scaled = (x, places) => x.n * power(places - x.places);

  function decimalText(x) {
    const sign = x.n < 0n ? "-" : "";
    const digits = String(x.n < 0n ? -x.n : x.n).padStart(x.places + 1, "0");
    const cut = digits.length - x.places;
    const rest = digits.slice(cut).replace(/0+$/, "");
    return sign + digits.slice(0, cut) + (rest ? `.${rest}` : "");
  }

  function decimal(text) {
    const found = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
    if (!found || text.length > 60) return null;
    const [, sign, whole, rest = ""] = found;
    const n = BigInt(whole + rest);
    return new Dec(sign ? -n : n, rest.length);
  }

  const asNumber = (x) => x instanceof Dec ? Number(decimalText(x)) : x;

  // --- comparing two values of one type; null is not among them ---
  const order = (x, y) => x < y ? -1 : x > y ? 1 : 0;
  function compare(x, y, texts = byCodePoint) {
    if (typeof x === "string") { spend(Math.min(x.length, y.length) >> 4); return texts(x, y); }
    if (x instanceof Dec || y instanceof Dec) {
      if (typeof x === "number" && !Number.isInteger(x) || typeof y === "number" && !Number.isInteger(y)) return order(asNumber(x), asNumber(y));
      const one = dec(x);
      const two = dec(y);
      const places = Math.max(one.places, two.places);
      return order(scaled(one, places), scaled(two, places));
    }
    if (typeof x !== "object") return order(x, y);
    if (x instanceof Day) return order(x.n, y.n);
    if (x instanceof Time) return order(x.s, y.s);
    if (x instanceof Months || x instanceof Workdays) return order(x.count, y.count);
    return order(x.us, y.us);
  }

  // Equality also of lists and maps, within which null equals null.
  function same(x, y) {
    if (x === null || y === null) return x === y;
    if (typeof x === "string") { spend(x.length >> 6); return x === y; }
    if (Array.isArray(x)) {
      spend(x.length);
      return Array.isArray(y) && x.length === y.length && x.every((each, at) => same(each, y[at]));
    }
    if (x instanceof Map) {
      spend(x.size);
      return y instanceof Map && x.size === y.size && [...x].every(([key, value]) => y.has(key) && same(value, y.get(key)));
    }
    return typeof x === typeof y || x instanceof Dec || y instanceof Dec ? compare(x, y) === 0 : false;
  }

  Object.assign(own, {
    values: {
      Dec, Day, Instant, Time, Span, Months, Workdays, DAY_US, LAST_DAY, MAX_INTEGER, meter, spend, ordinal, civil, leap, monthLength, byCodePoint,
      characters, power, dec, scaled, decimalText, decimal, asNumber, order, compare, same,
    },
  });
})();
