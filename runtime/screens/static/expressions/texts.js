// Functions of texts and lists. Characters are code points, as everywhere in the language.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { Day, spend } = own.values;

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

  const string = (code, rules, args) => {
    const number = own.numbers.FUNCTIONS.string(code, rules, args);
    return (x) => x instanceof Day ? own.json.day(x.n) : number(x);
  };

  own.texts = {
    join: (x, y) => { spend((x.length + y.length) >> 8); return x + y; }, // engines join texts without copying them
    concat: (x, y) => { spend(x.length + y.length); return [...x, ...y]; },
    FUNCTIONS: {
      size,
      startsWith: () => (text, part) => text.startsWith(part),
      endsWith: () => (text, part) => text.endsWith(part),
      contains: () => (text, part) => charged(text).includes(part),
      lower: letters("lower"),
      upper: letters("upper"),
      lowerAscii: letters("lower"),
      upperAscii: letters("upper"),
      matches,
      string,
    },
  };
})();
