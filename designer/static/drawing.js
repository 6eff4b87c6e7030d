// What one does with the drawing of a workflow (`picture.js`): choosing, moving by keyboard, drawing a transition from one state to another.
// What is chosen stands in the address; the panel beside the drawing and everything that changes come from the server.
(() => {
  "use strict";
  const view = { scale: 0, left: 0, top: 0, focus: "", at: "", panel: false, next: null };
  let nodes = new Map(), connecting = null, said = "";
  const box = () => document.getElementById("flow");
  const words = () => JSON.parse(box().dataset.words);

  function draw() {
    const frame = box();
    if (!frame || !window.dagre) return;
    frame.closest("[data-scripted]").hidden = false;
    nodes = window.careworkPicture.draw(frame);
    const first = [view.focus, frame.dataset.at, ...nodes.keys()].find((at) => nodes.has(at));
    if (first) nodes.get(first).element.setAttribute("tabindex", "0");
    zoom(view.scale || fitting(0.72));
    frame.scrollLeft = view.left;
    frame.scrollTop = view.top;
    if (frame.dataset.at !== view.at && nodes.has(frame.dataset.at)) bring(nodes.get(frame.dataset.at).element);
    view.at = frame.dataset.at;
  }

  // Into sight within the frame; the page stays where it is.
  function bring(element) {
    const inner = element.getBoundingClientRect(), outer = box().getBoundingClientRect();
    box().scrollBy(Math.max(0, inner.right - outer.right + 24) || Math.min(0, inner.left - outer.left - 24),
      Math.max(0, inner.bottom - outer.bottom + 24) || Math.min(0, inner.top - outer.top - 24));
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
    if (form) {  // what was typed is applied first; where it is refused, everything stays as it is
      view.next = [url, { panel }];
      form.requestSubmit();
      return;
    }
    history.pushState(null, "", url);
    view.panel = panel;
    remember();
    document.getElementById("design").setAttribute("aria-busy", "true");
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
      connecting.line = window.careworkPicture.made("path", { class: "flow-line is-drawn", "marker-end": "url(#flow-head-lit)", "aria-hidden": "true" }, box().querySelector("svg"));
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
    if (form) { form.dataset.dirty = ""; view.next = null; }
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
    bring(element);
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
    if (view.next) {
      const next = view.next;
      view.next = null;
      go(...next);
      return;
    }
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
