// What a macro makes of the values of its items: all, exists, exists_one, filter, map, count, sum, min, max, avg.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;

  function averages(code, rules) {
    if (code === "f") return (values) => rules.float_bounds(values.reduce((total, value) => total + value, 0) / values.length);
    return rules.exact_decimals(rules.half_even).average(own.numbers.places(code));
  }

  const extremes = (kind, rules) => (values) => own.numbers.most(kind === "max" ? 1 : -1, values, rules);

  function aggregate(kind, code, rules) {
    const run = kind === "sum" ? own.numbers.total(code, rules) : kind === "avg" ? averages(code, rules) : extremes(kind, rules);
    return (values) => {
      const kept = rules.aggregate_skips_null(values);
      if (kept === null) return null;
      return kept.length ? run(kept) : rules.empty_aggregate(kind, () => run(kept));
    };
  }

  own.macros = (kind, code, rules) => {
    if (kind === "filter" || kind === "map") return (values) => values;
    if (kind === "count") return (values) => values.length;
    return Object.hasOwn(rules.macro_unknown, kind) ? rules.macro_unknown[kind] : aggregate(kind, code, rules);
  };
})();
