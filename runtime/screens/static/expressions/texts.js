// Functions of texts and lists. Characters are code points, as everywhere in the language.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { spend } = own.values;

  const charged = (text) => { spend(text.length >> 4); return text; };
  const letters = (name) => (code, rules) => (text) => charged(rules.ascii_case[name](text));

  // The pattern is a constant: its machine is built with the tree.
  function matches(code, rules, args) {
    let search = null;
    return (text) => (search ??= own.matcher(args[1]))(text);
  }

  function size(code, rules) {
    return (x) => typeof x === "string" ? rules.code_points.size(charged(x)) : x instanceof Map ? x.size : x.length;
  }

  const SPACE = /[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
  function trim(text) {
    let [from, to] = [0, text.length];
    while (from < to && SPACE.test(text[from])) from++;
    while (to > from && SPACE.test(text[to - 1])) to--;
    spend((text.length - to + from) >> 4);
    return text.slice(from, to);
  }

  // From one place up to another, without that; null when they are no places of the text in this order.
  function substring(code, rules) {
    return (text, from, to) => {
      const size = rules.code_points.size(charged(text));
      const end = to === undefined ? size : to;
      if (from < 0 || from > end || end > size) return null;
      return size === text.length ? text.slice(from, end) : [...charged(text)].slice(from, end).join("");
    };
  }

  function indexOf(code, rules) {
    return (text, part) => {
      const at = charged(text).indexOf(part);
      return at < 0 ? -1 : rules.code_points.size(text.slice(0, at));
    };
  }

  const replace = () => (text, old, fresh) => charged(charged(text).split(old).join(fresh));
  const joined = () => (items, separator = "") => { spend(items.length); return charged(items.filter((item) => item !== null).join(separator)); };

  own.texts = {
    join: (x, y) => { spend((x.length + y.length) >> 8); return x + y; }, // engines join texts without copying them
    concat: (x, y) => { spend(x.length + y.length); return [...x, ...y]; },
    FUNCTIONS: {
      size,
      startsWith: () => (text, part) => text.startsWith(charged(part)),
      endsWith: () => (text, part) => text.endsWith(charged(part)),
      contains: () => (text, part) => charged(text).includes(part),
      lower: letters("lower"),
      upper: letters("upper"),
      lowerAscii: letters("lower"),
      upperAscii: letters("upper"),
      matches,
      trim: () => trim,
      substring,
      indexOf,
      replace,
      join: joined,
    },
  };
})();
