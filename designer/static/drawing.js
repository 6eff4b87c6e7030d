// A workflow as a drawing: dagre lays states and transitions out from left to right, this script draws them as SVG whose parts can be
// reached by keyboard, and takes new transitions drawn from one state to another. What is chosen stands in the address; the panel beside
// the drawing and everything that changes come from the server.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const view = { scale: 0, left: 0, top: 0, focus: "", panel: false };
  let nodes = new Map(), connecting = null, said = "";
  const box = () => document.getElementById("flow");
  const words = () => JSON.parse(box().dataset.words);
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

  function draw() {
    const frame = box();
    if (!frame || !window.dagre) return;
    frame.closest("[data-scripted]").hidden = false;
    const drawing = JSON.parse(frame.dataset.drawing), graph = layout(drawing), size = graph.graph();
    const width = Math.ceil(size.width), height = Math.ceil(size.height);
    const svg = made("svg", { viewBox: `0 0 ${width} ${height}`, class: "flow-svg", role: "group", "aria-label": words().drawing });
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
    nodes = new Map();
    const order = [...drawing.boxes.map((s) => `states.${s.name}`), ...drawing.arrows.map((a) => `transitions.${a.name}`)];
    order.forEach((at) => {
      const node = graph.node(at);
      nodes.set(at, { ...node, at, element: node.state ? drawState(svg, at, node, at === chosen) : drawArrow(svg, at, node, at === chosen, drawing) });
    });
    frame.replaceChildren(svg);
    frame.dataset.width = width;
    frame.dataset.height = height;
    const first = nodes.has(view.focus) ? view.focus : nodes.has(chosen) ? chosen : order[0];
    if (first) nodes.get(first).element.setAttribute("tabindex", "0");
    zoom(view.scale || fitting(0.72));
    frame.scrollLeft = view.left;
    frame.scrollTop = view.top;
    toggleExpression();
  }

  function group(svg, at, node, chosen, name) {
    const found = made("g", {
      class: `${name}${chosen ? " is-chosen" : ""}`, role: "button", tabindex: "-1", "data-node": at, "aria-pressed": chosen ? "true" : "false",
      transform: `translate(${node.x - node.width / 2} ${node.y - node.height / 2})`,
    }, svg);
    return found;
  }

  function drawState(svg, at, node, chosen) {
    const { state, width, height } = node, say = words();
    const found = group(svg, at, node, chosen, `flow-state is-${state.category}${state.color ? ` paint-${state.color}` : ""}`);
    found.setAttribute("aria-label", `${say.state} ${state.label}${state.initial ? `, ${say.initial}` : ""}`);
    made("title", {}, found, state.label);
    made("rect", { width, height, rx: 8, class: "flow-face" }, found);
    made("rect", { x: 7, y: 10, width: 6, height: height - 20, rx: 3, class: "flow-strip" }, found);
    made("text", { x: (width + 10) / 2, y: height / 2 + 5, class: "flow-name" }, found, node.short);
    if (state.initial) made("path", { d: `M-16 ${height / 2 - 7}L-4 ${height / 2}L-16 ${height / 2 + 7}z`, class: "flow-initial" }, found);
    if (box().dataset.editable) {
      const handle = made("g", { class: "flow-handle", "data-handle": state.name, "aria-hidden": "true" }, found);
      made("circle", { cx: width, cy: height / 2, r: 15, class: "flow-reach" }, handle);
      made("circle", { cx: width, cy: height / 2, r: 7, class: "flow-dot" }, handle);
    }
    return found;
  }

  function drawArrow(svg, at, node, chosen, drawing) {
    const { arrow, width, height, marks } = node, say = words();
    const named = (name) => (drawing.boxes.find((state) => state.name === name) || { label: "?" }).label;
    const found = group(svg, at, node, chosen, `flow-arrow${arrow.granted ? "" : " is-nobodys"}`);
    const ways = say.leads.replace("{from}", arrow.starts.map(named).join(", ") || "?").replace("{to}", named(arrow.end));
    found.setAttribute("aria-label", `${say.transition} ${arrow.label}, ${ways}${arrow.granted ? "" : `, ${say.granted}`}`);
    made("title", {}, found, `${arrow.label}: ${ways}`);
    made("rect", { width, height, rx: 14, class: "flow-face" }, found);
    made("text", { x: (width - marks.length * 18) / 2, y: height / 2 + 4.5, class: "flow-name" }, found, node.short);
    marks.forEach((name, n) => made("use", {
      href: `${box().dataset.sprite}#${name}`, x: width - 8 - (marks.length - n) * 18 + 2, y: 7, width: 14, height: 14, class: `flow-mark is-${name}` }, found));
    return found;
  }

  // --- size ---
  const fitting = (least) => Math.max(least, Math.min(1, (box().clientWidth - 4) / Number(box().dataset.width)));

  function zoom(scale) {
    const svg = box().querySelector("svg");
    view.scale = Math.max(0.4, Math.min(1.6, scale));
    svg.setAttribute("width", Math.round(Number(box().dataset.width) * view.scale));
    svg.setAttribute("height", Math.round(Number(box().dataset.height) * view.scale));
  }

  // --- choosing: the address says what, the server gives its panel ---
  async function go(url, { panel = false } = {}) {
    const form = document.querySelector("#panel-form[data-keep][data-dirty]");
    try {
      if (form) await window.careworkDesign.send(form.action, new URLSearchParams(new FormData(form)));
    } catch (error) {
      window.carework.toast({ kind: "error", text: error.message });
      return;
    }
    history.pushState(null, "", url);
    view.panel = panel;
    remember();
    await window.careworkDesign.refresh();
  }

  const urlOf = (more) => `${box().dataset.url}&${new URLSearchParams(more)}`;
  const choose = (at, panel) => { view.focus = at; go(urlOf({ at }), { panel }); };

  function remember() {
    if (!box()) return;
    view.left = box().scrollLeft;
    view.top = box().scrollTop;
  }

  function say(text) {
    const line = document.getElementById("flow-says");
    if (!said) said = line.textContent;
    line.textContent = text || said;
    line.classList.toggle("is-asking", Boolean(text));
  }

  // --- drawing a transition ---
  function begin(from) {
    connecting = { from, pointer: null, line: null };
    box().classList.add("is-connecting");
    say(words().choose);
  }

  function end() {
    if (!connecting) return;
    if (connecting.line) connecting.line.remove();
    connecting = null;
    if (box()) {
      box().classList.remove("is-connecting");
      box().querySelectorAll(".is-target").forEach((node) => node.classList.remove("is-target"));
      say("");
    }
  }

  function connect(to) {
    const { from } = connecting;
    end();
    go(urlOf({ new: "transition", from, to }), { panel: true });
  }

  const stateAt = (event) => {
    const found = document.elementFromPoint(event.clientX, event.clientY);
    const node = found && found.closest("#flow [data-node^='states.']");
    return node ? node.dataset.node.slice(7) : "";
  };

  function spot(event) {
    const found = box().querySelector("svg").getBoundingClientRect();
    return { x: (event.clientX - found.left) / view.scale, y: (event.clientY - found.top) / view.scale };
  }

  let panning = null;
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest || !event.target.closest("#flow") || event.button !== 0) return;
    const handle = event.target.closest("[data-handle]");
    if (handle) {
      event.preventDefault();
      end();
      begin(handle.dataset.handle);
      const node = nodes.get(`states.${connecting.from}`);
      connecting.pointer = event.pointerId;
      connecting.at = { x: event.clientX, y: event.clientY };
      connecting.start = { x: node.x + node.width / 2, y: node.y };
      connecting.line = made("path", { class: "flow-line is-drawn", "marker-end": "url(#flow-head-lit)", "aria-hidden": "true" }, box().querySelector("svg"));
    } else if (event.pointerType === "mouse" && !event.target.closest("[data-node]")) {
      panning = { x: event.clientX + box().scrollLeft, y: event.clientY + box().scrollTop };
    }
  });

  document.addEventListener("pointermove", (event) => {
    if (panning) { box().scrollTo(panning.x - event.clientX, panning.y - event.clientY); return; }
    if (!connecting || connecting.pointer !== event.pointerId) return;
    const { start } = connecting, there = spot(event), bend = Math.max(30, Math.abs(there.x - start.x) / 2);
    connecting.line.setAttribute("d", `M${start.x} ${start.y} C${start.x + bend} ${start.y} ${there.x - bend} ${there.y} ${there.x} ${there.y}`);
    const over = stateAt(event);
    nodes.forEach((node, at) => node.element.classList.toggle("is-target", at === `states.${over}` && over !== connecting.from));
    const frame = box().getBoundingClientRect();
    if (event.clientX > frame.right - 30) box().scrollBy(12, 0);
    if (event.clientX < frame.left + 30) box().scrollBy(-12, 0);
  });

  document.addEventListener("pointerup", (event) => {
    panning = null;
    if (!connecting || connecting.pointer !== event.pointerId) return;
    const to = stateAt(event), moved = Math.hypot(event.clientX - connecting.at.x, event.clientY - connecting.at.y) > 8;
    if (to && to !== connecting.from) { connect(to); return; }
    if (moved) { end(); return; }
    connecting.line.remove();  // pressed, not dragged: the next state that is clicked is the target
    connecting.line = null;
    connecting.pointer = null;
  });
  document.addEventListener("pointercancel", () => { panning = null; end(); });

  document.addEventListener("click", (event) => {
    const node = event.target.closest && event.target.closest("#flow [data-node]");
    if (node) {
      if (event.target.closest("[data-handle]")) return;
      const at = node.dataset.node;
      if (connecting && at.startsWith("states.")) connect(at.slice(7));
      else choose(at, innerWidth < 1000);
      return;
    }
    const by = event.target.closest && event.target.closest("[data-zoom]");
    if (by && box()) zoom(by.dataset.zoom === "fit" ? fitting(0.4) : view.scale * (by.dataset.zoom === "in" ? 1.2 : 1 / 1.2));
    const link = event.target.closest && event.target.closest("a[data-choose], .flow-list a, .head-actions a[href*='/drawing?']");
    if (link && box() && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      go(link.href, { panel: true });
    }
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-choose]") || !box()) return;
    event.preventDefault();
    go(`${event.target.getAttribute("action")}?${new URLSearchParams(new FormData(event.target))}`, { panel: true });
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("#panel-form");
    if (form) form.dataset.dirty = "";
  });

  // --- keyboard: to the nearest in a direction ---
  const TOWARDS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

  function nearest(from, [dx, dy]) {
    let best = null, least = Infinity;
    nodes.forEach((node, at) => {
      if (at === from.at || (connecting && !node.state)) return;
      const along = (node.x - from.x) * dx + (node.y - from.y) * dy, aside = Math.abs((node.x - from.x) * dy) + Math.abs((node.y - from.y) * dx);
      if (along > 4 && along + aside * 2.5 < least) { best = node; least = along + aside * 2.5; }
    });
    return best;
  }

  function focus(at) {
    if (!nodes.has(at)) return;
    nodes.forEach((node) => node.element.setAttribute("tabindex", node.at === at ? "0" : "-1"));
    view.focus = at;
    const { element } = nodes.get(at);
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box()) {
      if (connecting) { end(); return; }
      if (event.target.closest("#panel") && view.focus) focus(view.focus);
    }
    const held = event.target.closest && event.target.closest("#flow [data-node]");
    if (!held || event.ctrlKey || event.metaKey || event.altKey) return;
    const node = nodes.get(held.dataset.node);
    if (TOWARDS[event.key]) {
      const next = nearest(node, TOWARDS[event.key]);
      if (next) focus(next.at);
    } else if (event.key === "Enter" || event.key === " ") {
      if (connecting && node.state) connect(node.state.name);
      else choose(node.at, true);
    } else if (event.key === "c" && node.state && box().dataset.editable) {
      begin(node.state.name);
    } else return;
    event.preventDefault();
  });

  // What counts from no date of the record is written out: its input shows only then.
  function toggleExpression() {
    const base = document.querySelector("[data-other]");
    if (base) document.getElementById(base.dataset.other).hidden = base.value !== "";
  }
  document.addEventListener("change", (event) => { if (event.target.matches("[data-other]")) toggleExpression(); });

  function drawn() {
    connecting = null;
    said = "";
    draw();
    toggleExpression();
    if (view.panel) {
      view.panel = false;
      const form = document.querySelector("#panel-form:not([data-keep])");
      const first = form && form.querySelector("input[name^='label.'], select, textarea");
      const target = first || document.getElementById("panel-title");
      if (target) target.focus();
    } else if (document.activeElement === document.body && nodes.has(view.focus)) {
      nodes.get(view.focus).element.focus({ preventScroll: true });
    }
  }

  document.addEventListener("scroll", (event) => { if (event.target === box()) remember(); }, true);
  document.addEventListener("design:refreshed", drawn);
  addEventListener("popstate", () => { if (box()) window.careworkDesign.refresh(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", drawn); else drawn();
})();
