"""Writes `docs/language/problems.md` from `engine/problems.py`; `tests/docs/test_language.py` says when to."""

import string
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
PAGE = ROOT / "docs" / "language" / "problems.md"

GROUPS = {
    "FILE": "the folder that is read",
    "TEXT": "characters, YAML and JSON",
    "SHAPE": "keys and values of one file",
    "NAME": "names, ids and layers",
    "PACK": "packs, requirements, the organisation",
    "OBJECT": "objects",
    "FIELD": "fields",
    "CHOICE": "choice sets",
    "FORM": "forms",
    "VIEW": "lists, boards and calendars",
    "PAGE": "pages of panels",
    "FLOW": "workflows",
    "ROLE": "roles",
    "DATA": "records of a pack",
    "MESSAGE": "messages, and how people are reached",
    "TABLE": "decision tables and scores",
    "EXPR": "expressions",
    "CARE": "follow-up plans",
    "SCENARIO": "scenarios",
    "PLAN": "what a publish would do to what is there",
    "IMPORT": "mapping files and the tables they read",
}
HEAD = """\
# Problem codes

For everybody who reads a refusal. This page is written from `engine/problems.py` by `.ci/problems.py`; a test keeps it fresh.

Every problem is one line: where, code, what is wrong, what to do.

```
objects/visit.yaml:4:17 FIELD-002 field 'phone' has type 'phonee', which does not exist. Did you mean 'phone'? Use one of: …
```

Codes never change; wording may improve. `carework check --json` gives the same as `[{file, line, column, code, message, fix}]`,
`--language zh` says it in Chinese.
A word in angle brackets stands for what the message names.
"""


def words(template: str) -> str:
    """A template with ‹name› for each name it takes; what only ever suggests is left out."""
    found = []
    for text, name, _, _ in string.Formatter().parse(template):
        found.append(text + ("" if name in (None, "suggestion") else f"‹{name}›"))
    return "".join(found).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def problems_page() -> str:
    """The page. Raises KeyError for a group of codes without a heading."""
    from engine.problems import Code

    lines, group = [HEAD], ""
    for code in Code:
        prefix = code.code.partition("-")[0]
        if prefix != group:
            lines.append(f"\n## {prefix}: {GROUPS[prefix]}\n\n| code | what is wrong | what to do |\n|---|---|---|\n")
            group = prefix
        lines.append(f"| `{code.code}` | {words(code.message)} | {words(code.fix)} |\n")
    return "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(problems_page(), encoding="utf-8")
