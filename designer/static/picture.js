// A workflow as SVG: dagre lays states and transitions out from left to right; each is a button that the keyboard reaches. What the
// picture shows stands in the data of its frame; `drawing.js` is what one does with it.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const canvas = document.createElement("canvas").getContext("2d");

  function measure(text, font) {
    canvas.font = font;
    return Math.ceil(canvas.measureText(text).width);
  }

  // A label that fits: what is cut off stands in the title.
  function cut(text, font, most) {
    if (measure(text, font) <= most) return text;
    let end = text.length;
    while (end > 1 && measure(text.slice(0, end) + "…", font) > most) end -= 1;
    return text.slice(0, end) + "…";
  }

  function made(name, attributes, parent, text) {
    const found = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => found.setAttribute(key, value));
    if (text !== undefined) found.textContent = text;
    if (parent) parent.append(found);
    return found;
  }

  // --- layout: a transition is a node of its own, so one from several states is one arrow with several tails ---
  function layout(drawing) {
    const family = getComputedStyle(document.body).fontFamily;
    const bold = `600 14px ${family}`, plain = `13px ${family}`;
    const graph = new window.dagre.graphlib.Graph({ multigraph: true });
    graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 26, edgesep: 10, marginx: 20, marginy: 20 });
    graph.setDefaultEdgeLabel(() => ({}));
    const place = new Map(drawing.boxes.map((state, n) => [state.name, n]));
    drawing.boxes.forEach((state) => {
      const label = cut(state.label, bold, 170);
      graph.setNode(`states.${state.name}`, { width: Math.max(96, measure(label, bold) + 46), height: 50, state, short: label });
    });
    drawing.arrows.forEach((arrow) => {
      const label = cut(arrow.label, plain, 150), marks = marksOf(arrow);
      const at = `transitions.${arrow.name}`;
      graph.setNode(at, { width: measure(label, plain) + 22 + marks.length * 18, height: 28, arrow, short: label, marks });
      // Every line is laid out in the order of the states, so that what goes back does not turn the drawing round.
      const end = place.get(arrow.end), back = arrow.starts.length > 0 && arrow.starts.every((state) => place.get(state) > end);
      arrow.starts.forEach((state) => link(graph, `states.${state}`, at, "tail", place.get(state) > end));
      if (arrow.end) link(graph, at, `states.${arrow.end}`, "head", back);
    });
    window.dagre.layout(graph);
    return graph;
  }

  function link(graph, from, to, name, back) {
    if (back) graph.setEdge(to, from, { back }, name); else graph.setEdge(from, to, { back }, name);
  }

  function marksOf(arrow) {
    return [["lock", arrow.guarded], ["file-text", arrow.asks], ["bolt", arrow.effects], ["clock", arrow.timed],
      ["alert-triangle", !arrow.granted]].filter(([, on]) => on).map(([name]) => name);
  }

  // A line through the points with round corners.
  function line(points) {
    const middle = (a, b) => `${(a.x + b.x) / 2} ${(a.y + b.y) / 2}`;
    let path = `M${points[0].x} ${points[0].y}`;
    for (let n = 1; n < points.length - 1; n += 1) path += ` ${n === 1 ? "L" : ""}${n === 1 ? middle(points[0], points[1]) : ""} Q${points[n].x} ${points[n].y} ${middle(points[n], points[n + 1])}`;
    const last = points[points.length - 1];
    return `${path} L${last.x} ${last.y}`;
  }

  // Draws into the frame; gives the nodes by their place, with their elements.
  function draw(frame) {
    const drawing = JSON.parse(frame.dataset.drawing), say = JSON.parse(frame.dataset.words), graph = layout(drawing), size = graph.graph();
    const width = Math.ceil(size.width), height = Math.ceil(size.height);
    const svg = made("svg", { viewBox: `0 0 ${width} ${height}`, class: "flow-svg", role: "group", "aria-label": say.drawing });
    const defs = made("defs", {}, svg);
    ["flow-head", "flow-head-lit"].forEach((id) => {
      const marker = made("marker", { id, viewBox: "0 0 10 10", refX: 9, refY: 5, markerUnits: "userSpaceOnUse", markerWidth: 11, markerHeight: 11, orient: "auto-start-reverse" }, defs);
      made("path", { d: "M0 0L10 5L0 10z", class: id }, marker);
    });
    const chosen = frame.dataset.at;
    const lines = made("g", { "aria-hidden": "true" }, svg);
    graph.edges().forEach((edge) => {
      const { back, points } = graph.edge(edge), [from, to] = back ? [edge.w, edge.v] : [edge.v, edge.w];
      const lit = from === chosen || to === chosen;
      const attributes = { d: line(back ? [...points].reverse() : points), class: lit ? "flow-line is-lit" : "flow-line", "data-from": from, "data-to": to };
      if (edge.name === "head") attributes["marker-end"] = `url(#flow-head${lit ? "-lit" : ""})`;
      made("path", attributes, lines);
    });
    const nodes = new Map();
    const order = [...drawing.boxes.map((s) => `states.${s.name}`), ...drawing.arrows.map((a) => `transitions.${a.name}`)];
    order.forEach((at) => {
      const node = graph.node(at);
      nodes.set(at, { ...node, at, element: node.state ? drawState(svg, at, node, at === chosen, frame, say) : drawArrow(svg, at, node, at === chosen, drawing, frame, say) });
    });
    frame.replaceChildren(svg);
    frame.dataset.width = width;
    frame.dataset.height = height;
    return nodes;
  }

  function group(svg, at, node, chosen, name) {
    const found = made("g", {
      class: `${name}${chosen ? " is-chosen" : ""}`, role: "button", tabindex: "-1", "data-node": at, "aria-pressed": chosen ? "true" : "false",
      transform: `translate(${node.x - node.width / 2} ${node.y - node.height / 2})`,
    }, svg);
    return found;
  }

  function drawState(svg, at, node, chosen, frame, say) {
    const { state, width, height } = node;
    const found = group(svg, at, node, chosen, `flow-state is-${state.category}${state.color ? ` paint-${state.color}` : ""}`);
    found.setAttribute("aria-label", `${say.state} ${state.label}${state.initial ? `, ${say.initial}` : ""}`);
    made("title", {}, found, state.label);
    made("rect", { width, height, rx: 8, class: "flow-face" }, found);
    made("rect", { x: 7, y: 10, width: 6, height: height - 20, rx: 3, class: "flow-strip" }, found);
    made("text", { x: (width + 10) / 2, y: height / 2 + 5, class: "flow-name" }, found, node.short);
    if (state.initial) made("path", { d: `M-16 ${height / 2 - 7}L-4 ${height / 2}L-16 ${height / 2 + 7}z`, class: "flow-initial" }, found);
    if (frame.dataset.editable) {
      const handle = made("g", { class: "flow-handle", "data-handle": state.name, "aria-hidden": "true" }, found);
      made("circle", { cx: width, cy: height / 2, r: 15, class: "flow-reach" }, handle);
      made("circle", { cx: width, cy: height / 2, r: 7, class: "flow-dot" }, handle);
    }
    return found;
  }

  function drawArrow(svg, at, node, chosen, drawing, frame, say) {
    const { arrow, width, height, marks } = node;
    const named = (name) => (drawing.boxes.find((state) => state.name === name) || { label: "?" }).label;
    const found = group(svg, at, node, chosen, `flow-arrow${arrow.granted ? "" : " is-nobodys"}`);
    const ways = say.leads.replace("{from}", arrow.starts.map(named).join(", ") || "?").replace("{to}", named(arrow.end));
    found.setAttribute("aria-label", `${say.transition} ${arrow.label}, ${ways}${arrow.granted ? "" : `, ${say.granted}`}`);
    made("title", {}, found, `${arrow.label}: ${ways}`);
    made("rect", { width, height, rx: 14, class: "flow-face" }, found);
    made("text", { x: (width - marks.length * 18) / 2, y: height / 2 + 4.5, class: "flow-name" }, found, node.short);
    marks.forEach((name, n) => made("use", {
      href: `${frame.dataset.sprite}#${name}`, x: width - 8 - (marks.length - n) * 18 + 2, y: 7, width: 14, height: 14, class: `flow-mark is-${name}` }, found));
    return found;
  }

  window.careworkPicture = { draw, made };
})();
