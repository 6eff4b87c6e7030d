// The number beside the inbox: asked when a page opens and every half minute while somebody looks at it; silent when it fails.
"use strict";
(() => {
  const badge = document.getElementById("inbox-count");
  if (!badge) return;
  const link = badge.closest("a");
  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch("/inbox/count", { credentials: "same-origin" });
      if (!answer.ok) return;
      const count = (await answer.text()).trim();
      if (badge.textContent === count) return;
      badge.textContent = count;
      link.setAttribute("aria-label", count ? link.dataset.some.replace("%(count)s", count) : link.dataset.none);
    } catch { /* offline: the number stays as it is */ }
  }
  look();
  setInterval(look, 30000);
  document.addEventListener("visibilitychange", look);
})();
