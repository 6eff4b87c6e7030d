// Values of one type made values of another: int, double, decimal, bool, string, timestamp, duration, time. What cannot be is null.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { Dec, Day, Instant, Time, Span, DAY_US, ordinal, power, asNumber, decimal, decimalText } = own.values;

  const EPOCH = BigInt(ordinal(1970, 1, 1) - 1) * DAY_US;
  const INTEGER = /^[+-]?[0-9]{1,18}$/;
  const DECIMAL = /^[+-]?[0-9]{1,18}(\.[0-9]{1,10})?$/;
  const DOUBLE = /^[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?$/;
  const DURATION = /^[+-]?([0-9]{1,15}(\.[0-9]{1,15})?(h|m|s|ms|us|ns))+$/;
  const PART = /([0-9]+)(?:\.([0-9]+))?(h|ms|m|s|us|ns)/g;
  const NANOSECONDS = { h: 3600000000000n, m: 60000000000n, s: 1000000000n, ms: 1000000n, us: 1000n, ns: 1n };
  const MAX_US = 2000000n * 3600000000n;
  const TRUE = ["1", "t", "true", "TRUE", "True"];
  const FALSE = ["0", "f", "false", "FALSE", "False"];

  const floored = (x, unit) => x / unit - (x % unit < 0n ? 1n : 0n);

  function int(code, rules) {
    const within = (x) => rules.integer_bounds(x + 0);
    return (x) => {
      if (typeof x === "string") return INTEGER.test(x) ? within(Number(x)) : null;
      if (x instanceof Dec) return within(Number(x.n / power(x.places)));
      return within(x instanceof Instant ? Number(floored(x.us - EPOCH, 1000000n)) : Math.trunc(x));
    };
  }

  function double(code, rules) {
    return (x) => typeof x !== "string" ? asNumber(x) : DOUBLE.test(x) ? rules.float_bounds(Number(x)) : null;
  }

  function exact(code, rules) {
    const convert = own.numbers.converter(code, rules);
    return (x) => typeof x !== "string" ? convert(x) : DECIMAL.test(x) ? convert(decimal(x.replace("+", ""))) : null;
  }

  function duration(text) {
    if (!DURATION.test(text)) return null;
    let total = 0n;
    for (const [, whole, part, unit] of text.matchAll(PART)) {
      total += BigInt(whole) * NANOSECONDS[unit] + (part ? BigInt(part) * NANOSECONDS[unit] / power(part.length) : 0n);
    }
    const us = total / 1000n;
    return us > MAX_US ? null : new Span(text.startsWith("-") ? -us : us);
  }

  function timestamp(code, rules) {
    return (x) => {
      if (typeof x === "string") return own.json.instant(x);
      return typeof x === "number" ? rules.date_bounds(new Instant(EPOCH + BigInt(x) * 1000000n)) : x;
    };
  }

  const trimmed = (text) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  function seconds(us) {
    const size = us < 0n ? -us : us;
    return `${us < 0n ? "-" : ""}${trimmed(`${size / 1000000n}.${own.json.pad(size % 1000000n, 6)}`)}s`;
  }

  function string(x) {
    if (x instanceof Dec) return decimalText(x);
    if (x instanceof Day) return own.json.day(x.n);
    if (x instanceof Instant) return own.json.encode(x).replace(/(\.[0-9]*?)0*Z$/, "$1Z");
    if (x instanceof Time) return own.json.clock(x.s).replace(/^(.....):00$/, "$1");
    return x instanceof Span ? seconds(x.us) : String(x);
  }

  const read = (parse) => () => (x) => typeof x === "string" ? parse(x) : x;
  own.conversions = {
    FUNCTIONS: {
      int,
      double,
      decimal: exact,
      bool: read((text) => TRUE.includes(text) ? true : FALSE.includes(text) ? false : null),
      string: () => string,
      timestamp,
      duration: read(duration),
      time: read((text) => own.json.time(text)),
    },
  };
})();
