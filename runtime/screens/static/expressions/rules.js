// Where the dialect differs from what JavaScript would do by itself: one entry for each name of `engine/expressions/rules.py`,
// [as ruled, what happens without the rule]. `rules(off)` gives the one half or the other of each, resolved before anything runs.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { Dec, Day, Instant, DAY_US, LAST_DAY, MAX_INTEGER, ordinal, monthLength, byCodePoint, characters, power, dec, scaled,
    asNumber, order, same } = own.values;

  const MAX_FLOAT = 1e150;
  const MIN_FLOAT = 1e-150;
  const EDGE = 18; // digits of a decimal

  // --- exact arithmetic; `round(n, d)` divides whole numbers ---
  const bounded = (x, places) => {
    const edge = power(Math.max(0, EDGE - places + x.places));
    return x.n < edge && x.n > -edge ? x : null;
  };
  const fitted = (x, places, round) => bounded(x.places > places ? new Dec(round(x.n, power(x.places - places)), places) : x, places);
  const aligned = (step) => (x, y) => {
    const places = Math.max(x.places, y.places);
    return new Dec(step(scaled(x, places), scaled(y, places)), places);
  };
  const EXACT = {
    "+": aligned((x, y) => x + y),
    "-": aligned((x, y) => x - y),
    "*": (x, y) => new Dec(x.n * y.n, x.places + y.places),
  };
  const added = (values) => values.map(dec).reduce(EXACT["+"], new Dec(0n, 0));
  const exact = (round) => ({
    total: (places) => (values) => bounded(added(values), places),
    average: (places) => (values) => exact(round).quotient(added(values), values.length, places),
    sum: (sign, places) => (x, y) => fitted(EXACT[sign](dec(x), dec(y)), places, round),
    convert: (places) => (x) => fitted(dec(x), places, round),
    quotient: (x, y, places) => {
      const [one, two] = [dec(x), dec(y)];
      return bounded(new Dec(round(one.n * power(places + two.places), two.n * power(one.places)), places), places);
    },
  });
  const FLOATS = { "+": (x, y) => x + y, "-": (x, y) => x - y, "*": (x, y) => x * y };
  const inexactly = (values) => values.map(asNumber).reduce(FLOATS["+"], 0);
  const inexact = () => ({
    total: () => inexactly,
    average: () => (values) => inexactly(values) / values.length,
    sum: (sign) => (x, y) => FLOATS[sign](asNumber(x), asNumber(y)),
    convert: () => asNumber,
    quotient: (x, y) => asNumber(x) / asNumber(y),
  });

  const size = (n) => n < 0n ? -n : n;
  const away = (n, d, up) => (size(n) / size(d) + (up ? 1n : 0n)) * ((n < 0n) === (d < 0n) ? 1n : -1n);
  function halfEven(n, d) {
    const twice = 2n * (size(n) % size(d));
    return away(n, d, twice > size(d) || twice === size(d) && (size(n) / size(d)) % 2n === 1n);
  }
  const halfUp = (n, d) => away(n, d, 2n * (size(n) % size(d)) >= size(d));

  // --- three values; `run` gives the values of the parts in order, as far as they are asked for ---
  function every(values) {
    let found = true;
    for (const value of values) {
      if (value === false) return false;
      if (value === null) found = null;
    }
    return found;
  }

  function some(values) {
    let found = false;
    for (const value of values) {
      if (value === true) return true;
      if (value === null) found = null;
    }
    return found;
  }

  function exactlyOne(values) {
    const found = values.filter((value) => value === true).length;
    return found > 1 ? false : values.includes(null) ? null : found === 1;
  }

  function last(values, stop) {
    let found = null;
    for (const value of values) {
      found = value;
      if (stop(value)) break;
    }
    return found;
  }

  const MACROS = { all: every, exists: some, exists_one: exactlyOne };
  const PLAIN = {
    all: (values) => values.every(Boolean),
    exists: (values) => values.some(Boolean),
    exists_one: (values) => values.filter(Boolean).length === 1,
  };

  function member(item, items) {
    if (!items.length) return false;
    if (item === null) return null;
    return items.some((each) => each !== null && same(item, each)) ? true : items.includes(null) ? null : false;
  }

  const loose = (x) => x === null ? 0 : asNumber(x);
  function looselyCompared(test, x, y) {
    if (x !== null && y !== null) return test(x, y);
    return test.equality === undefined ? test.sign(order(loose(x), loose(y))) : (x === y) === test.equality;
  }

  // --- numbers and days ---
  const quotients = {
    ruled: { div: (x, y) => (x - x % y) / y, "%": (x, y) => x % y },
    floored: { div: (x, y) => Math.floor(x / y), "%": (x, y) => x - y * Math.floor(x / y) },
  };
  const isZero = (x) => x instanceof Dec ? x.n === 0n : x === 0;
  const infinite = (x) => asNumber(x) / 0;
  const clamped = (year, month, day) => ordinal(year, month, Math.min(day, monthLength(year, month)));
  const dayIn = (day) => day.n >= 1 && day.n <= LAST_DAY ? day : null;
  const instantIn = (at) => at.us >= 0n && at.us < BigInt(LAST_DAY) * DAY_US ? at : null;
  const inYears = (value) => value instanceof Day ? dayIn(value) : value instanceof Instant ? instantIn(value) : value;
  const onFirstOfMarch = (born, today) => today.month < born.month || today.month === born.month && today.day < born.day;
  const clampedBirthday = (born, today) => onFirstOfMarch({ ...born, day: Math.min(born.day, monthLength(today.year, born.month)) }, today);
  const asciiCase = { lower: (text) => text.replace(/[A-Z]/g, (sign) => sign.toLowerCase()),
    upper: (text) => text.replace(/[a-z]/g, (sign) => sign.toUpperCase()) };
  const anyCase = { lower: (text) => text.toLowerCase(), upper: (text) => text.toUpperCase() };

  const TABLE = new Map(Object.entries({
    and_unknown: [every, (values) => last(values, (value) => !value)],
    or_unknown: [some, (values) => last(values, Boolean)],
    not_unknown: [(x) => x === null ? null : !x, (x) => !x],
    compare_unknown: [(test, x, y) => x === null || y === null ? null : test(x, y), looselyCompared],
    in_unknown: [member, (item, items) => items.some((each) => same(item, each))],
    conditional_unknown: [(test, then, otherwise, context) => test === null ? null : (test ? then : otherwise)(context),
      (test, then, otherwise, context) => (test ? then : otherwise)(context)],
    strict_functions: [(run) => (...args) => args.includes(null) ? null : run(...args), (run) => run],
    macro_unknown: [MACROS, PLAIN],
    empty_aggregate: [(kind, zero) => kind === "sum" ? zero() : null, (kind, zero) => kind === "sum" ? null : 0],
    aggregate_skips_null: [(values) => values.filter((value) => value !== null), (values) => values.includes(null) ? null : values],
    integer_bounds: [(x) => Math.abs(x) <= MAX_INTEGER ? x : null, (x) => x],
    exact_decimals: [exact, inexact],
    half_even: [halfEven, halfUp],
    division_by_zero: [(divide) => (x, y) => isZero(y) ? null : divide(x, y), (divide) => (x, y) => isZero(y) ? infinite(x) : divide(x, y)],
    truncating_division: [quotients.ruled, quotients.floored],
    float_bounds: [(x) => Math.abs(x) <= MAX_FLOAT ? (Math.abs(x) >= MIN_FLOAT ? x : 0) : null, (x) => x],
    month_end: [clamped, ordinal],
    leap_birthday: [onFirstOfMarch, clampedBirthday],
    date_bounds: [inYears, (value) => value],
    real_dates: [(text) => own.json.date(text), (text) => own.json.date(text, true)],
    code_points: [{ compare: byCodePoint, size: characters }, { compare: order, size: (text) => text.length }],
    ascii_case: [asciiCase, anyCase],
    index_bounds: [(items, at) => at >= 0 && at < items.length ? items[at] : null,
      (items, at) => items[((at % items.length) + items.length) % items.length]],
  }));

  const DEFAULT = resolve([]);
  function resolve(off) {
    return Object.fromEntries([...TABLE].map(([name, pair]) => [name, pair[off.includes(name) ? 1 : 0]]));
  }

  // All rules, or all but those whose names are in `off`; a name that is none raises.
  own.rules = (off = []) => {
    for (const name of off) if (!TABLE.has(name)) throw new RangeError(`no rule ${name}`);
    return off.length ? resolve(off) : DEFAULT;
  };
  own.rules.names = [...TABLE.keys()];
})();
