// Functions of numbers, and those of + and - that every type shares. An entry takes the code of the result and the rules, and
// gives the function of the values.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { Dec, Months, Workdays, Span, asNumber, power, compare } = own.values;

  const MAX_PLACES = 10;
  const places = (code) => /^d[0-9]+$/.test(code) ? Number(code.slice(1)) : null;

  // The sum, difference or product of two numbers; null where the code is of no number.
  function arithmetic(sign, code, rules) {
    const step = { "+": (x, y) => x + y, "-": (x, y) => x - y, "*": (x, y) => x * y }[sign];
    if (code === "i") return (x, y) => rules.integer_bounds(step(x, y));
    if (code === "f") return (x, y) => rules.float_bounds(step(x, y));
    return places(code) === null ? null : rules.exact_decimals(rules.half_even).sum(sign, places(code));
  }

  // The sum of a list. Whole numbers are added up exactly, and only the sum has bounds; floats from first to last.
  function total(code, rules) {
    if (code === "i") return (values) => rules.integer_bounds(Number(values.reduce((sum, value) => sum + BigInt(value), 0n)));
    if (code === "f") return (values) => rules.float_bounds(values.reduce((sum, value) => sum + value, 0));
    return rules.exact_decimals(rules.half_even).total(places(code));
  }

  function quotient(code, rules) {
    if (code === "f") return rules.division_by_zero((x, y) => rules.float_bounds(x / y));
    const exact = rules.exact_decimals(rules.half_even);
    return rules.division_by_zero((x, y) => exact.quotient(x, y, MAX_PLACES));
  }

  function negative(x) {
    if (x instanceof Dec) return new Dec(-x.n, x.places);
    if (x instanceof Span) return new Span(-x.us);
    return x instanceof Months || x instanceof Workdays ? new x.constructor(-x.count) : -x;
  }

  const size = (x) => x instanceof Dec ? new Dec(x.n < 0n ? -x.n : x.n, x.places) : Math.abs(x);

  function converter(code, rules) {
    if (code === "f") return asNumber;
    if (Array.isArray(code) && code[0] === "list") {
      const item = converter(code[1], rules);
      return (items) => items.map((each) => each === null ? null : item(each));
    }
    return places(code) === null ? (x) => x : rules.exact_decimals(rules.half_even).convert(places(code));
  }

  // The number with so many digits after the point.
  function fixed(code, rules) {
    return (x, count) => {
      const { n, places: given } = x instanceof Dec ? x : new Dec(BigInt(x), 0);
      const scaled = given > count ? rules.half_even(n, power(given - count)) : n * power(count - given);
      const digits = String(scaled < 0n ? -scaled : scaled).padStart(count + 1, "0");
      const cut = digits.length - count;
      return (scaled < 0n ? "-" : "") + digits.slice(0, cut) + (count ? `.${digits.slice(cut)}` : "");
    };
  }

  function most(sign, values, rules) {
    let best = values[0];
    for (const value of values) if (sign * compare(value, best, rules.code_points.compare) > 0) best = value;
    return best;
  }
  const extreme = (sign) => (code, rules) => (...values) => most(sign, values, rules);

  own.numbers = {
    arithmetic,
    converter,
    places,
    most,
    total,
    FUNCTIONS: {
      "*": (code, rules) => arithmetic("*", code, rules),
      "/": quotient,
      "%": (code, rules) => rules.division_by_zero(rules.truncating_division["%"]),
      div: (code, rules) => rules.division_by_zero(rules.truncating_division.div),
      "-x": () => negative,
      abs: () => size,
      min: extreme(-1),
      max: extreme(1),
      sum: (code, rules) => { const add = total(code, rules); return (...values) => add(values); },
      convert: converter,
      fixed,
    },
  };
})();
