// The steps of a plan on a line of days: each is dragged, or moved with the arrow keys, to another day. What it says on the server is one edit.
(() => {
  "use strict";
  const DAYS = { days: 1, weeks: 7, workdays: 1.4, months: 30.44, years: 365.25, hours: 1 / 24 };
  const TICKS = [[0, "start", 0], [1, "d", 1], [3, "d", 3], [7, "w", 1], [14, "w", 2], [30.44, "mo", 1], [61, "mo", 2], [91.3, "mo", 3], [182.6, "mo", 6],
    [365.25, "y", 1], [730.5, "y", 2], [1826, "y", 5], [3652, "y", 10], [7305, "y", 20]];
  const list = () => document.getElementById("timeline");
  let most = 30, bent = false, focus = "", timer = 0;

  const place = (day) => 100 * Math.min(1, bent ? Math.log1p(Math.max(0, day)) / Math.log1p(most) : Math.max(0, day) / most);
  const dayAt = (share) => (bent ? Math.expm1(Math.max(0, Math.min(1, share)) * Math.log1p(most)) : Math.max(0, Math.min(1, share)) * most);
  const textOf = (lane, number) => (number ? `${lane.base} ${number < 0 ? "-" : "+"} ${lane.unit || "days"}(${Math.abs(number)})` : lane.base);

  function part(className, left, width) {
    const made = document.createElement("span");
    made.className = className;
    made.style.setProperty("left", `${left}%`);
    if (width) made.style.setProperty("width", `${width}%`);
    return made;
  }

  function draw() {
    const box = list();
    if (!box) return;
    const words = JSON.parse(box.dataset.words), rows = [...box.querySelectorAll("[data-lane]")].map((row) => ({ row, lane: JSON.parse(row.dataset.lane) }));
    document.querySelectorAll(".flow-main [data-scripted]").forEach((one) => { one.hidden = false; });
    const ends = rows.map(({ lane }) => (lane.day === null ? 0 : lane.day + Math.min(lane.times || 3, 12) * lane.every + lane.window));
    most = Math.max(14, ...ends) * 1.15;
    bent = most > 45;
    const scale = document.querySelector(".tl-scale");
    scale.replaceChildren();
    let last = -100;
    for (const [day, unit, n] of TICKS) {
      if (day > most || place(day) - last < 7) continue;
      last = place(day);
      const tick = part("tl-tick", last);
      tick.textContent = words[unit].replace("{n}", n);
      scale.append(tick);
    }
    for (const { row, lane } of rows) lanes(row, lane, words, box);
    if (focus) {
      const again = box.querySelector(`[data-handle="${CSS.escape(focus)}"]`);
      focus = "";
      if (again) again.focus();
    }
  }

  function lanes(row, lane, words, box) {
    const track = row.querySelector(".tl-track");
    track.replaceChildren();
    if (lane.day === null) return;
    if (lane.window) track.append(part("tl-window", place(lane.day), place(lane.day + lane.window) - place(lane.day)));
    for (let n = 1; lane.every && n < Math.min(lane.times || 12, 60); n += 1) track.append(part("tl-again-dot", place(lane.day + n * lane.every)));
    const handle = part("tl-handle", place(lane.day)), tip = document.createElement("span"), label = row.querySelector("strong").textContent;
    const start = lane.day - lane.number * (DAYS[lane.unit] || 1), unit = lane.unit || "days";
    let number = lane.number;
    tip.className = "tl-tip";
    handle.append(tip);
    track.append(handle);
    if (!box.dataset.editable) return;
    handle.dataset.handle = lane.name;
    handle.tabIndex = 0;
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", words.moves.replace("{name}", label));
    handle.setAttribute("aria-valuemin", 0);
    handle.setAttribute("aria-valuemax", 99999);
    const tell = () => {
      tip.textContent = `${number} ${words.units[unit]}`;
      handle.style.setProperty("left", `${place(start + number * DAYS[unit])}%`);
      handle.setAttribute("aria-valuenow", Math.max(0, number));
      handle.setAttribute("aria-valuetext", tip.textContent);
    };
    const commit = async () => {
      clearTimeout(timer);
      if (number === lane.number) return;
      const edit = { kind: "change_element", folder: "plans", definition: box.dataset.plan, pack: box.dataset.pack, section: ["steps"], name: lane.name,
        changes: { [lane.key]: textOf(lane, number) } };
      if (document.activeElement === handle) focus = lane.name;
      lane.number = number;
      try {
        await window.careworkDesign.send(box.dataset.url, JSON.stringify({ edit }), true);
      } catch (error) {
        window.carework.toast({ kind: "error", text: error instanceof TypeError ? window.carework.words().offline : error.message });
      }
      await window.careworkDesign.refresh();
    };
    tell();
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 7, PageDown: -7 }[event.key];
      if (event.key === "Enter") { event.preventDefault(); commit(); }
      if (event.key === "Escape") { number = lane.number; tell(); clearTimeout(timer); }
      if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      number = Math.max(Math.min(0, lane.number), number + by);
      handle.classList.add("is-moved");
      tell();
      clearTimeout(timer);
      timer = setTimeout(commit, 900);
    });
    handle.addEventListener("blur", () => { if (handle.isConnected) commit(); });
    let from = null;
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      from = event.clientX;
      handle.setPointerCapture(event.pointerId);
      handle.classList.add("is-moved");
    });
    handle.addEventListener("pointermove", (event) => {
      if (from === null || Math.abs(event.clientX - from) < 3) return;
      const edge = track.getBoundingClientRect(), day = dayAt((event.clientX - edge.left) / edge.width);
      number = Math.max(Math.min(0, lane.number), Math.round((day - start) / DAYS[unit]));
      tell();
    });
    handle.addEventListener("pointerup", () => { from = null; handle.classList.remove("is-moved"); commit(); });
    handle.addEventListener("pointercancel", () => { from = null; number = lane.number; tell(); });
  }

  document.addEventListener("design:refreshed", draw);
  draw();
})();
