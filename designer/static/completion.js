// Completion in the file editor: the keys and values that the JSON Schema of the file's kind allows at the cursor.
(() => {
  "use strict";
  // The keys from the root to the cursor, by the indentation of lines and the brackets that are open.
  function place(text, offset) {
    const before = text.slice(0, offset), lines = before.split(/\r?\n/), current = lines.pop();
    const stack = [];
    for (const line of lines) {
      const found = /^( *)(?:- )?("?)([A-Za-z_][\w.-]*)\2:(.*)$/.exec(line);
      if (!found) continue;
      const indent = found[1].length;
      while (stack.length && stack[stack.length - 1].indent >= indent) stack.pop();
      stack.push({ indent, key: found[3] });
    }
    const indent = /^ */.exec(current)[0].length;
    while (stack.length && stack[stack.length - 1].indent >= indent) stack.pop();
    const path = stack.map((one) => one.key);
    return inLine(current, path);
  }

  // Within a line: `key: {a: 1, b: |` is below key, and a key is wanted.
  function inLine(line, path) {
    const keys = [...path];
    let key = "", value = false, quoted = "", word = "", depth = 0;
    for (const c of line) {
      if (quoted) { if (c === quoted) quoted = ""; word += c; continue; }
      if (c === '"' || c === "'") { quoted = c; word = ""; continue; }
      if (c === "{" || c === "[") { if (key) keys.push(key); depth += 1; key = ""; value = c === "["; word = ""; continue; }
      if (c === "}" || c === "]") { keys.pop(); depth -= 1; key = ""; value = false; word = ""; continue; }
      if (c === "," ) { if (depth && !value) key = ""; if (depth && key) key = ""; word = ""; value = line.lastIndexOf("[", line.length) > line.lastIndexOf("{") && depth > 0 && value; continue; }
      if (c === ":") { key = word.trim(); value = true; word = ""; continue; }
      word += c;
    }
    return { path: value && key ? [...keys, key] : keys, value, word: word.trimStart() };
  }

  function resolve(schema, node) {
    let found = node;
    for (let n = 0; found && found.$ref && n < 20; n += 1) found = schema.$defs[found.$ref.split("/").pop()];
    return found || {};
  }

  // Every schema that may hold at a path.
  function at(schema, path, text) {
    const root = resolve(schema, { $ref: /^extend:/m.test(text) ? "#/$defs/change" : schema.$defs && schema.$defs.whole ? "#/$defs/whole" : "" });
    let nodes = [root.properties ? root : schema];
    for (const key of path) {
      const next = [];
      for (const node of nodes.flatMap((one) => branches(schema, one))) {
        if (node.properties && node.properties[key]) next.push(resolve(schema, node.properties[key]));
        else if (node.additionalProperties && typeof node.additionalProperties === "object") next.push(resolve(schema, node.additionalProperties));
      }
      nodes = next;
    }
    return nodes.flatMap((one) => branches(schema, one));
  }

  function branches(schema, node, depth = 0) {
    const found = resolve(schema, node);
    if (depth > 4) return [found];
    const inner = [...(found.anyOf || []), ...(found.oneOf || []), ...(found.allOf || []).flatMap((one) => (one.then ? [one.then] : [one]))];
    return [found, ...inner.flatMap((one) => branches(schema, one, depth + 1))];
  }

  // The type that stands in the same entry narrows the keys of a field.
  function typed(line) {
    const found = /\btype: *"?([a-z_]+)/.exec(line);
    return found ? found[1] : "";
  }

  function options(schema, names, text, offset) {
    const here = place(text, offset);
    const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n")[0];
    const nodes = at(schema, here.path, text), found = new Map();
    if (here.value) {
      for (const node of nodes) {
        const own = resolve(schema, node.items || node);
        for (const value of own.enum || []) found.set(String(value), { label: String(value), type: "enum" });
        if (own.type === "boolean") ["true", "false"].forEach((v) => found.set(v, { label: v, type: "keyword" }));
      }
      for (const name of names[here.path[here.path.length - 1]] || []) found.set(name, { label: name, type: "variable" });
    } else {
      const type = typed(line);
      const fields = type && schema.$defs && schema.$defs[`field.${type}`];
      const used = (key) => new RegExp(`[{,\\s]${key}:`).test(line);
      for (const node of fields && nodes.some((n) => n.properties && n.properties.type) ? [fields] : nodes) {
        for (const [key, value] of Object.entries(node.properties || {})) {
          if (used(key)) continue;
          const about = value.description || resolve(schema, value).description || "";
          found.set(key, { label: key, type: "property", apply: `${key}: `, detail: about.slice(0, 60) });
        }
      }
    }
    return { options: [...found.values()], word: here.word };
  }

  window.careworkCompletion = { options, place, at };
})();
