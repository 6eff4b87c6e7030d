// Carework.expressions.evaluate(tree, env): the value of an expression, as the server would compute it.
// The tree is JSON from `engine/targets/browser.py`; it becomes closures, never code, so a strict CSP lets it run.
// docs/architecture.md says what `env` holds and what is promised. Its parts come before it: see SCRIPTS in runtime/screens/expressions.py.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { meter, spend, compare, same } = own.values;
  const { decoder, encode } = own.json;
  const STEPS = 250000;
  const FAMILIES = [own.numbers, own.conversions, own.dates, own.clock, own.workdays, own.texts, { FUNCTIONS: { "+": plus, "-": minus } }];
  const CALLS = new Map(FAMILIES.flatMap((family) => Object.entries(family.FUNCTIONS)));
  const EMPTY = Object.freeze([]);

  function plus(code, rules) {
    if (code === "t") return own.texts.join;
    if (Array.isArray(code)) return own.texts.concat;
    return own.numbers.arithmetic("+", code, rules) ?? own.dates.plus(code, rules);
  }

  function minus(code, rules) {
    return own.numbers.arithmetic("-", code, rules) ?? own.dates.minus(code, rules);
  }

  // --- comparing ---
  const SIGNS = { "<": (found) => found < 0, "<=": (found) => found <= 0, ">": (found) => found > 0, ">=": (found) => found >= 0 };

  function comparison(op, rules) {
    const equality = op === "==" ? true : op === "!=" ? false : undefined;
    if (equality !== undefined) return Object.assign((x, y) => same(x, y) === equality, { equality });
    const sign = SIGNS[op];
    return Object.assign((x, y) => sign(compare(x, y, rules.code_points.compare)), { sign });
  }

  const compared = (op) => ([left, right], rules) => {
    const test = comparison(op, rules);
    const [x, y] = [build(left, rules), build(right, rules)];
    return (context) => rules.compare_unknown(test, x(context), y(context));
  };

  // --- reading ---
  const known = (values, key, decode) =>
    values !== null && typeof values === "object" && Object.hasOwn(values, key) && values[key] != null ? decode(values[key]) : null;

  // Behind a link that is null there are no child rows, but rows are never null.
  function ref([code, path]) {
    const decode = decoder(code);
    if (code === "rows") return (context) => known(context.env, path, decode) ?? EMPTY;
    return (context) => known(context.env, path, decode);
  }

  function variable([outwards, code, path]) {
    const held = (context) => context.items[context.items.length - 1 - outwards];
    if (path === undefined) return held;
    const decode = decoder(code);
    return (context) => known(held(context), path, decode);
  }

  // --- the nodes ---
  const logic = (rule) => (parts, rules) => {
    const items = parts.map((part) => build(part, rules));
    return (context) => rules[rule](valuesOf(items, context));
  };

  function* valuesOf(items, context) {
    for (const item of items) yield item(context);
  }

  function list(parts, rules) {
    const items = parts.map((part) => build(part, rules));
    return (context) => items.map((item) => item(context));
  }

  function map(parts, rules) {
    const entries = parts.map(([key, value]) => [build(key, rules), build(value, rules)]);
    return (context) => new Map(entries.map(([key, value]) => [key(context), value(context)]));
  }

  function membership([left, right], rules) {
    const [item, items] = [build(left, rules), build(right, rules)];
    return (context) => {
      const whole = items(context);
      if (whole === null) return null;
      const among = whole instanceof Map ? [...whole.keys()] : whole;
      spend(among.length);
      return rules.in_unknown(item(context), among);
    };
  }

  function index([left, right], rules) {
    const [x, key] = [build(left, rules), build(right, rules)];
    return (context) => {
      const [whole, at] = [x(context), key(context)];
      if (whole === null || at === null) return null;
      if (Array.isArray(whole)) return rules.index_bounds(whole, at);
      return whole.has(at) ? whole.get(at) : null;
    };
  }

  function macro([kind, code, over, test, body], rules) {
    const items = build(over, rules);
    const [keeps, gives] = [test, body].map((part) => Array.isArray(part) && !part.length ? null : build(part, rules));
    const finish = own.macros(kind, code, rules);
    return (context) => {
      const whole = items(context);
      if (whole === null) return null;
      const at = context.items.length;
      const each = (run) => (item) => { spend(1); context.items[at] = item; return run(context); };
      const kept = (whole instanceof Map ? [...whole.keys()] : whole).filter(keeps ? (item) => each(keeps)(item) === true : () => true);
      const found = finish(gives ? kept.map(each(gives)) : kept);
      context.items.length = at;
      return found;
    };
  }

  function call(name, code, parts, rules) {
    if (!CALLS.has(name)) throw new RangeError(`no function ${name}`);
    const run = rules.strict_functions(CALLS.get(name)(code, rules, parts));
    const args = parts.map((part) => build(part, rules));
    if (args.length === 1) return (context) => run(args[0](context));
    if (args.length === 2) return (context) => run(args[0](context), args[1](context));
    return (context) => run(...args.map((arg) => arg(context)));
  }

  function first(items, context) {
    for (const item of items) {
      const value = item(context) ?? null;
      if (value !== null) return value;
    }
    return null;
  }

  const one = (make) => ([part], rules) => make(build(part, rules), rules);
  const NODES = new Map(Object.entries({
    lit: ([code, value]) => { const found = decoder(code)(value); return () => found; },
    ref,
    var: variable,
    not: one((x, rules) => (context) => rules.not_unknown(x(context))),
    is_null: one((x) => (context) => x(context) === null),
    has: one((x) => (context) => x(context) !== null),
    and: logic("and_unknown"),
    or: logic("or_unknown"),
    list,
    map,
    "??": (parts, rules) => { const items = parts.map((part) => build(part, rules)); return (context) => first(items, context); },
    "?": (parts, rules) => {
      const [test, then, otherwise] = parts.map((part) => build(part, rules));
      return (context) => rules.conditional_unknown(test(context), then, otherwise, context);
    },
    in: membership,
    index,
    macro,
    ...Object.fromEntries(["==", "!=", "<", "<=", ">", ">="].map((op) => [op, compared(op)])),
  }));

  // The closure of a part. Every part that is evaluated is a step.
  function build(tree, rules) {
    if (!Array.isArray(tree)) return () => tree;
    const [op, ...parts] = tree;
    const run = NODES.has(op) ? NODES.get(op)(parts, rules) : call(op, parts[0], parts.slice(1), rules);
    return (context) => { spend(1); return run(context); };
  }

  // --- the door ---
  const built = new WeakMap();
  function compiled(tree, off) {
    if (off.length) return build(tree, own.rules(off));
    const isTree = Array.isArray(tree);
    const found = isTree ? built.get(tree) ?? build(tree, own.rules()) : build(tree, own.rules());
    if (isTree) built.set(tree, found);
    return found;
  }

  // {value, steps, problem}: the JSON form of the value, the steps it took, and why it is null where the reason is an error.
  function measure(tree, env, { off = EMPTY } = {}) {
    meter.left = STEPS;
    let value = null;
    let problem = null;
    try {
      value = encode(compiled(tree, off)({ env, items: [] }));
    } catch (error) {
      problem = String(error);
    }
    return { value: value === undefined ? null : value, steps: STEPS - Math.max(0, meter.left), problem };
  }

  own.measure = measure;
  own.evaluate = (tree, env, options) => measure(tree, env, options).value;
  own.names = { nodes: [...NODES.keys()], functions: [...CALLS.keys()] };
  own.STEPS = STEPS;
})();
