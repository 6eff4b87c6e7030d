// Buttons that copy what stands in an input: <button data-copy="ID" data-copied="WORD">.
"use strict";
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const input = document.getElementById(button.dataset.copy);
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
  } catch { // no secure context: the old way works there
    document.execCommand("copy");
  }
  window.carework.toast({ text: button.dataset.copied });
});
