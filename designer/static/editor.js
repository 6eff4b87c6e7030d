// The file editor: CodeMirror in a shadow root, so that its styles are adopted sheets, which the page's policy allows. What is typed
// is saved into the draft by itself, and the checker's problems come back to their lines.
(() => {
  "use strict";
  const CM = window.CodeMirrorParts;
  const PAUSE = 700, AGAIN = 4000;

  function start() {
    const form = document.querySelector("form[data-file]");
    if (!form || form.dataset.started || !CM) return;
    form.dataset.started = "yes";
    const area = form.querySelector("textarea"), host = form.querySelector("#editor"), state = document.getElementById("file-state");
    const shadow = host.attachShadow({ mode: "open" });
    let digest = form.dataset.digest, saved = area.value, timer = 0, sending = false, schema = null;
    const names = JSON.parse(form.dataset.names || "{}");
    const newline = area.value.includes("\r\n") ? "\r\n" : "\n";
    if (form.dataset.schema) fetch(form.dataset.schema).then((r) => r.json()).then((found) => { schema = found; });

    const complete = (context) => {
      if (!schema) return null;
      const word = context.matchBefore(/[\w.-]*/);
      if (!context.explicit && word.from === word.to && !/[:{,[] $/.test(context.state.sliceDoc(Math.max(0, context.pos - 2), context.pos))) return null;
      const found = window.careworkCompletion.options(schema, names, context.state.doc.toString(), context.pos);
      return found.options.length ? { from: word.from, options: found.options, validFor: /^[\w.-]*$/ } : null;
    };
    const colours = CM.HighlightStyle.define([
      { tag: [CM.tags.propertyName, CM.tags.definition(CM.tags.propertyName)], color: "#0b5d66" },
      { tag: [CM.tags.string, CM.tags.content], color: "#7a3e00" }, { tag: [CM.tags.number, CM.tags.bool, CM.tags.null, CM.tags.keyword], color: "#5b3aa0" },
      { tag: [CM.tags.comment, CM.tags.lineComment], color: "#566872", fontStyle: "italic" }, { tag: [CM.tags.punctuation, CM.tags.separator, CM.tags.brace, CM.tags.squareBracket], color: "#52636d" },
    ]);
    const look = CM.EditorView.theme({
      "&": { fontSize: "13px", minHeight: "300px", maxHeight: "70vh" }, ".cm-scroller": { fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace', lineHeight: "1.6", overflow: "auto" },
      "&.cm-focused": { outline: "none" }, ".cm-gutters": { backgroundColor: "#f8fafb", color: "#52636d", border: "0", borderRight: "1px solid #dde4e8" },
      ".cm-tooltip": { borderRadius: "6px" },
    });
    const readonly = form.dataset.readonly === "yes";
    const view = new CM.EditorView({
      root: shadow, parent: shadow,
      state: CM.EditorState.create({
        doc: area.value,
        extensions: [
          CM.lineNumbers(), CM.highlightActiveLineGutter(), CM.highlightActiveLine(), CM.highlightSpecialChars(), CM.history(), CM.foldGutter(), CM.drawSelection(),
          CM.indentUnit.of("  "), CM.EditorState.tabSize.of(2), CM.indentOnInput(), CM.bracketMatching(), CM.closeBrackets(), CM.highlightSelectionMatches(),
          CM.search({ top: true }), CM.lintGutter(), CM.syntaxHighlighting(colours), look, CM.EditorView.lineWrapping,
          form.dataset.json ? CM.json() : CM.yaml(), CM.autocompletion({ override: [complete] }),
          CM.keymap.of([...CM.closeBracketsKeymap, ...CM.completionKeymap, ...CM.searchKeymap, ...CM.historyKeymap, ...CM.foldKeymap, ...CM.lintKeymap, ...CM.defaultKeymap,
            { key: "Mod-s", preventDefault: true, run: () => { save(); return true; } }]),
          CM.EditorView.contentAttributes.of({ "aria-label": form.querySelector("label").textContent, spellcheck: "false" }),
          CM.EditorState.readOnly.of(readonly), CM.EditorView.editable.of(!readonly), CM.EditorState.lineSeparator.of(newline),
          CM.EditorView.updateListener.of((update) => { if (update.docChanged) later(PAUSE); }),
        ],
      }),
    });
    host.hidden = false;
    area.hidden = true;
    area.disabled = true;
    const line = Number(form.dataset.line || 1);
    if (line > 1 && line <= view.state.doc.lines) {
      const place = view.state.doc.line(line).from;
      view.dispatch({ selection: { anchor: place }, effects: CM.EditorView.scrollIntoView(place, { y: "center" }) });
    }

    const say = (text, bad = false) => { state.textContent = text; state.classList.toggle("is-bad", bad); };
    const later = (pause) => { clearTimeout(timer); say(form.dataset.saving); timer = setTimeout(save, pause); };
    const text = () => view.state.sliceDoc().replace(/\r?\n/g, newline);

    async function save() {
      clearTimeout(timer);
      const now = text();
      if (readonly || now === saved) { if (!readonly) say(form.dataset.saved); return; }
      if (sending) { later(PAUSE); return; }
      sending = true;
      try {
        const path = form.dataset.path;
        const body = JSON.stringify({ edit: { kind: "text", path, text: now }, expect: { [path]: digest } });
        const response = await fetch(`${form.dataset.url}?path=${encodeURIComponent(path)}`, { method: "POST", body, credentials: "same-origin",
          headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content } });
        const found = await response.json().catch(() => ({}));
        if (!response.ok) { say(found.message || found.title || form.dataset.failed, true); return; }
        digest = found.digest;
        const undo = document.querySelector("#undo [name=n]");
        if (undo) undo.value = found.undo;
        saved = now;
        say(form.dataset.saved);
        mark(found.here);
        listed(found.here);
      } catch {
        say(form.dataset.failed, true);
        timer = setTimeout(save, AGAIN);
      } finally {
        sending = false;
      }
    }

    function mark(problems) {
      const doc = view.state.doc;
      const found = problems.filter((p) => p.line <= doc.lines).map((p) => {
        const at = doc.line(p.line), from = Math.min(at.from + p.column - 1, at.to), rest = /^[\w.'"-]+/.exec(doc.sliceString(from, at.to));
        return { from, to: Math.max(from + (rest ? rest[0].length : 0), Math.min(from + 1, at.to)), severity: p.warning ? "warning" : "error", message: `${p.message} ${p.fix}`, source: p.code };
      });
      view.dispatch(CM.setDiagnostics(view.state, found));
    }

    function listed(problems) {
      const holder = document.getElementById("here");
      if (!problems.length) { holder.replaceChildren(document.getElementById("none-here").content.cloneNode(true)); return; }
      const list = document.createElement("ul");
      list.className = "problems";
      problems.forEach((p) => {
        const item = document.createElement("li"), what = document.createElement("p"), where = document.createElement("p"), jump = document.createElement("a"), inner = document.createElement("div");
        item.className = p.warning ? "is-warning" : "is-error";
        what.textContent = `${p.message} ${p.fix}`;
        what.lang = p.lang;
        jump.textContent = `${p.file}:${p.line}`;
        jump.href = p.url || "#";
        jump.addEventListener("click", (event) => { event.preventDefault(); go(p.line, p.column); });
        where.className = "problem-place";
        where.append(jump, ` · ${p.code}`);
        inner.append(what, where);
        item.append(inner);
        list.append(item);
      });
      holder.replaceChildren(list);
    }

    function go(number, column) {
      const at = view.state.doc.line(Math.min(number, view.state.doc.lines)), place = Math.min(at.from + column - 1, at.to);
      view.dispatch({ selection: { anchor: place }, effects: CM.EditorView.scrollIntoView(place, { y: "center" }) });
      view.focus();
    }

    addEventListener("beforeunload", (event) => { if (!readonly && text() !== saved) { save(); event.preventDefault(); } });
    fetch(form.dataset.url.replace(/\/edit$/, "/problems") + `?path=${encodeURIComponent(form.dataset.path)}`, { headers: { Accept: "application/json" } })
      .then((r) => r.json()).then((found) => mark(found.here)).catch(() => {});
    window.careworkEditor = { view, save };
  }

  document.addEventListener("design:refreshed", start);
  start();
})();
