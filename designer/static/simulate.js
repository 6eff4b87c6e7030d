// The page of simulations: a form that stays where it is while days pass, and a day that is dragged along what came about.
(() => {
  "use strict";
  const root = () => document.getElementById("design");
  let today = null, running = null;

  function draw() {
    const plan = document.querySelector("[data-autosubmit-plan] select");
    if (plan) plan.addEventListener("change", () => plan.form.requestSubmit());
    const course = document.getElementById("sim-course");
    if (!course) return;
    const line = course.querySelector(".sim-line"), track = course.querySelector(".sim-track"), slider = document.getElementById("sim-today");
    const words = JSON.parse(course.dataset.words), days = Number(course.dataset.days), first = new Date(`${course.dataset.first}T12:00:00Z`);
    const items = [...course.querySelectorAll("[data-day]")];
    line.hidden = false;
    for (const item of items.filter((one) => one.dataset.kind)) {
      const dot = document.createElement("span");
      dot.className = `sim-dot is-${item.dataset.kind}`;
      dot.style.setProperty("left", `${(100 * Math.min(Number(item.dataset.day), days)) / Math.max(days, 1)}%`);
      dot.dataset.day = item.dataset.day;
      track.append(dot);
    }
    const show = () => {
      today = Number(slider.value);
      const date = new Date(first.getTime() + today * 86400000).toISOString().slice(0, 10);
      document.getElementById("sim-date").textContent = `${date} · ${words.day.replace("{day}", today)}`;
      slider.setAttribute("aria-valuetext", date);
      for (const item of [...items, ...track.children]) {
        const day = Number(item.dataset.day);
        item.classList.toggle("is-ahead", day > today);
        if (item.matches("li")) item.hidden = day > today;
        item.classList.toggle("is-today", day === today);
      }
      const count = (kind) => items.filter((one) => one.dataset.kind === kind && !one.hidden).length;
      document.getElementById("sim-counts").textContent = words.counts.replace("{tasks}", count("created")).replace("{messages}", count("message"));
    };
    if (today !== null && today < days) slider.value = today;
    slider.addEventListener("input", show);
    show();
  }

  document.addEventListener("input", (event) => {  // who types an answer means it
    const answers = event.target.closest(".sim-answers");
    const done = answers && answers.querySelector("[data-done]");
    if (done && event.target !== done) done.checked = true;
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id !== "sim-form" || event.defaultPrevented) return;
    if (event.submitter && event.submitter.name === "save") return;  // leads to another page
    event.preventDefault();
    delete form.dataset.sent;
    if (running) running.abort();
    const mine = running = new AbortController(), body = new URLSearchParams(new FormData(form, event.submitter));
    const says = document.getElementById("sim-busy"), open = [...root().querySelectorAll("details")].map((one) => one.open);
    says.textContent = says.dataset.text;
    root().setAttribute("aria-busy", "true");
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" }, credentials: "same-origin", signal: mine.signal });
      const page = new DOMParser().parseFromString(await response.text(), "text/html"), fresh = page.getElementById("design");
      if (!fresh) throw new Error(window.carework.words().failed);
      root().replaceWith(document.importNode(fresh, true));
      const details = [...root().querySelectorAll("details")];
      if (details.length === open.length) details.forEach((one, n) => { one.open = open[n]; });
      document.dispatchEvent(new CustomEvent("design:refreshed"));
      const alert = root().querySelector("[role=alert]");
      if (alert) alert.scrollIntoView({ block: "center" });
    } catch (error) {
      if (error.name !== "AbortError") window.carework.toast({ kind: "error", text: error instanceof TypeError ? window.carework.words().offline : error.message });
    } finally {
      if (running === mine) {
        running = null;
        root().removeAttribute("aria-busy");
        const now = document.getElementById("sim-busy");
        if (now) now.textContent = "";
      }
    }
  });
  document.addEventListener("design:refreshed", draw);
  draw();
})();
