// Patterns of `matches`, run in time proportional to the text: RegExp goes back and tries again, and a pattern such as `.*.*.*=`
// would hold the page for minutes. It reads the form that `engine/expressions/patterns.py` writes for all engines:
// literals, classes, (?:…), |, ^ $ (the ends of the text) and ? * + {m} {m,} {m,n}.
"use strict";
(() => {
  const own = globalThis.Carework.expressions;
  const { spend } = own.values;
  const CONTROLS = { n: 10, t: 9, r: 13, f: 12 };
  const MOST_SETS = 500;
  const CHAR = 0;
  const FORK = 1;
  const START = 2;
  const END = 3;
  const FOUND = 4;

  // --- reading: nested arrays ["char", test], ["seq", …], ["or", …], ["start"], ["end"], ["repeat", x, least, most] ---
  function parse(pattern) {
    const signs = [...pattern].map((sign) => sign.codePointAt(0));
    const is = (sign) => signs[at] === sign.codePointAt(0);
    let at = 0;

    function escaped() {
      const sign = String.fromCodePoint(signs[at++]);
      return Object.hasOwn(CONTROLS, sign) ? CONTROLS[sign] : sign.codePointAt(0);
    }

    function one() {
      if (at >= signs.length) throw new SyntaxError("a pattern that ends too soon");
      return signs[at++] === 92 ? escaped() : signs[at - 1];
    }

    function charClass() {
      const negated = is("^");
      if (negated) at++;
      const ranges = [];
      while (!is("]")) {
        const low = one();
        let high = low;
        if (is("-")) { at++; high = one(); }
        ranges.push([low, high]);
      }
      at++;
      return ["char", (code) => ranges.some(([low, high]) => code >= low && code <= high) !== negated];
    }

    function atom() {
      if (is("(")) {
        at += 3;
        const inner = alternatives();
        if (!is(")")) throw new SyntaxError("a group without its end");
        at++;
        return inner;
      }
      if (is("[")) { at++; return charClass(); }
      if (is("^")) { at++; return ["start"]; }
      if (is("$")) { at++; return ["end"]; }
      const wanted = one();
      return ["char", (code) => code === wanted];
    }

    function counts() {
      const from = ++at;
      while (at < signs.length && !is("}")) at++;
      const [low, high] = String.fromCodePoint(...signs.slice(from, at++)).split(",");
      return [Number(low), high === undefined ? Number(low) : high === "" ? Infinity : Number(high)];
    }

    function repeated(x) {
      if (is("?")) { at++; return ["repeat", x, 0, 1]; }
      if (is("*")) { at++; return ["repeat", x, 0, Infinity]; }
      if (is("+")) { at++; return ["repeat", x, 1, Infinity]; }
      return is("{") ? ["repeat", x, ...counts()] : x;
    }

    function alternatives() {
      const branches = [["seq"]];
      while (at < signs.length && !is(")")) {
        if (is("|")) { at++; branches.push(["seq"]); } else branches.at(-1).push(repeated(atom()));
      }
      return ["or", ...branches];
    }

    return alternatives();
  }

  // --- building: states of {kind, test, next, other}; `next` are places in the list ---
  function build(pattern) {
    const states = [{ kind: FOUND }];
    const add = (state) => { spend(1); return states.push(state) - 1; };
    const fork = (next, other) => add({ kind: FORK, next, other });

    function made([kind, ...rest], next) {
      if (kind === "char") return add({ kind: CHAR, test: rest[0], next });
      if (kind === "start") return add({ kind: START, next });
      if (kind === "end") return add({ kind: END, next });
      if (kind === "seq") return rest.reduceRight((after, part) => made(part, after), next);
      if (kind === "or") return rest.map((branch) => made(branch, next)).reduceRight((other, first) => fork(first, other));
      return repeat(rest, next);
    }

    function repeat([x, least, most], next) {
      let after = next;
      if (most === Infinity) {
        after = fork(0, next);
        states[after].next = made(x, after);
      } else {
        for (let count = least; count < most; count++) after = fork(made(x, after), next);
      }
      for (let count = 0; count < least; count++) after = made(x, after);
      return after;
    }

    return { states, first: made(parse(pattern), 0) };
  }

  // --- running: the set of states that the text so far can have led to; a few hundred sets are remembered with what follows them ---
  function matcher(pattern) {
    const { states, first } = build(pattern);
    const marks = new Uint32Array(states.length);
    const sets = new Map();
    let mark = 0;

    // The states behind these that wait for a character or for the end, and whether the pattern is found.
    function closure(seeds, atStart, atEnd) {
      const waiting = [...seeds];
      const kept = [];
      let found = false;
      let steps = 1;
      for (mark++; waiting.length; steps++) {
        const place = waiting.pop();
        if (marks[place] === mark) continue;
        marks[place] = mark;
        const { kind, next, other } = states[place];
        if (kind === FORK) waiting.push(next, other);
        else if (kind === FOUND) found = true;
        else if (kind === START ? atStart : kind === END && atEnd) waiting.push(next);
        else if (kind !== START) kept.push(place);
      }
      spend(steps >> 1);
      return { kept, found, after: null };
    }

    function remembered(set) {
      if (sets.size >= MOST_SETS) return set;
      const key = `${set.found}${set.kept.sort((x, y) => x - y)}`;
      if (!sets.has(key)) sets.set(key, { ...set, after: new Map() });
      return sets.get(key);
    }

    const restart = closure([first], false, false).kept;
    function step(set, code) {
      const seeds = [...restart];
      for (const place of set.kept) {
        const { kind, test, next } = states[place];
        if (kind === CHAR && test(code)) seeds.push(next);
      }
      spend(1 + (set.kept.length >> 1));
      const next = remembered(closure(seeds, false, false));
      if (set.after !== null && set.after.size < MOST_SETS) set.after.set(code, next);
      return next;
    }

    return (text) => {
      spend(1 + (text.length >> 2));
      let set = remembered(closure([first], true, false));
      for (let at = 0; at < text.length && !set.found;) {
        const code = text.codePointAt(at);
        at += code > 0xffff ? 2 : 1;
        set = set.after?.get(code) ?? step(set, code);
      }
      return set.found || closure(set.kept, text === "", true).found;
    };
  }

  own.matcher = matcher;
})();
