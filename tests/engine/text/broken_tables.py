"""Broken decision tables and scores: code and files, each with one mark (see `broken.py`)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["TABLES"]

_RISK = "name: risk\noptions: {low: {}, high: {was: [top]}}\n"


def _decision(rules: str, inputs: str = "{n: {type: integer}, r: {type: choice, of: risk}}", out: str = "{o: {type: integer}}",
              more: str = "", name: str = "t") -> dict[str, str]:
    text = f"name: {name}\n{more}inputs: {inputs}\noutputs: {out}\nrules: {{{rules}}}\n"
    return {"choices/risk.yaml": _RISK, f"decisions/{name}.yaml": text}


def _score(items: str, more: str = "", inputs: str = "{n: {type: integer}, r: {type: choice, of: risk}}") -> dict[str, str]:
    return {"choices/risk.yaml": _RISK, "scores/t.yaml": f"name: t\n{more}inputs: {inputs}\nitems: {{{items}}}\n"}


def _called(formula: str, kind: str = "integer", more: str = "", **settings: str) -> dict[str, str]:
    files = _decision("a: {when: {n: '> 7'}, then: 1}", **settings)
    return {**files, "objects/visit.yaml": f"name: visit\nfields:\n  n: {{type: integer}}\n  a: {{type: text}}\n{more}"
                                           f"  f: {{type: {kind}, formula: '{formula}'}}\n"}


_OVER = {"objects/visit.yaml": "name: visit\nfields:\n  n: {type: integer}\n  p: {type: link, to: patient}\n"}
_MANY = ", ".join(f"a{n}: {{when: {{n: {n}, r: 'low, high'}}, if: 'n in [1, 2, 3, 4, 5, 6] || n * 2 > n + 3', then: 1}}" for n in range(190))
_ONE = "inputs: {n: {type: integer}}\noutputs: {o: {type: integer}}\n"
_TWICE = "size(a + a + a + a + a + a + a + a + a + a + a)"

TABLES: list[tuple[str, Mapping[str, str]]] = [
    ("TABLE-001", {"decisions/size.yaml": "name: «size\noutputs: {o: {type: integer}}\nrules: {a: {then: 1}}\n"}),
    ("TABLE-001", _decision("a: {then: 1}") | {"scores/t.yaml": "name: «t\ninputs: {n: {type: integer}}\nitems: {a: {if: n > 1, points: 1}}\n"}),
    ("TABLE-002", _decision("a: {when: {«m: 1}, then: 1}")),
    ("TABLE-002", _score("a: {input: «m, points: {0: 1}}")),
    ("TABLE-002", _score("«m: {points: {0: 1}}")),
    ("TABLE-003", _decision("a: {then: {«p: 1}}")),
    ("TABLE-003", _called("t(n, \"low\").«p")),
    ("TABLE-004", _decision("«a: {then: {o: 1}}", out="{o: {type: integer}, p: {type: integer}}")),
    ("TABLE-005", _decision("a: {then: «many}")),
    ("TABLE-005", _decision("a: {then: «mid}", out="{o: {type: choice, of: risk}}")),
    ("TABLE-005", _score("a: {if: n > 1, points: 1}", more="of: risk\nbands: {low: 0, «mid: 1}\n")),
    ("TABLE-006", _decision("a: {then: {o: low}}", out="{o: {type: choice, of: risk}}", more="hit: «collect sum\n")),
    ("TABLE-006", _decision("«a: {then: {o: {value: n + 1}}}", more="hit: any\n")),
    ("TABLE-006", _decision("a: {then: «1}", more="hit: priority\n")),
    ("TABLE-007", _decision("a: {then: 1}, «b: {when: {n: 1}, then: 2}", more="hit: first\n")),
    ("TABLE-007", _decision("a: {then: 1}, «b: {if: n > 1, then: 2}", more="hit: first\n")),
    ("TABLE-007", _decision("a: {when: {n: '> 5'}, then: 1}, «b: {when: {n: '> 7', r: low}, then: 2}", more="hit: first\ndefault: 0\n")),
    ("TABLE-007", _score("n: {points: {0..5: 1, «2..3: 2}}")),
    ("TABLE-008", _decision("a: {when: {n: '> 5'}, then: 1}, «b: {when: {r: low}, then: 2}", more="default: 0\n")),
    ("TABLE-008", _decision("a: {when: {n: '> 5'}, then: 1}, «b: {when: {n: '< 7'}, then: 2}", more="hit: any\n")),
    ("TABLE-009", {"decisions/t.yaml": "name: «t\n" + _ONE +
                                       "rules: {a: {when: {n: '> 5'}, then: 1}, b: {when: {n: '< 5'}, then: 2}}\n"}),
    ("TABLE-009", {"scores/t.yaml": "name: «t\ninputs: {n: {type: integer}}\nitems: {a: {if: n > 1, points: 3}}\nbands: {low: 0..1, high: 3}\n"}),
    ("TABLE-010", {"decisions/t.yaml": "name: «t\n" + _ONE + "rules: {a: {if: u(n) > 1, then: 1}}\n",
                   "decisions/u.yaml": "name: u\n" + _ONE + "rules: {a: {if: t(n) > 1, then: 1}}\n"}),
    ("TABLE-011", {"choices/risk.yaml": _RISK, "decisions/t.yaml": _decision(_MANY)["decisions/t.yaml"].replace("name: t", "name: «t")}),
    ("TABLE-012", _decision("a: {when: {n: '1, «, 2'}, then: 1}")),
    ("TABLE-012", _decision("a: {when: {n: '«(1..2'}, then: 1}")),
    ("TABLE-012", _score("a: {if: n > 1, points: 1}", more="bands: {low: «few}\n")),
    ("TABLE-013", _score("a: {if: n > 1, points: 1}", more="bands: {low: 0..1, «high: 1..2}\n")),
    ("TABLE-014", _score("«r: {points: {low: 1}}")),
    ("TABLE-015", _decision("a: {then: 1}", inputs="{n: {type: integer, «value: n}}")),
    ("TABLE-015", _decision("a: {then: 1}", inputs="{«n: {}}")),
    ("TABLE-015", _OVER | _decision("a: {then: 1}", inputs="{n: {«type: integer}}", more="on: visit\n")),
    ("TABLE-015", _OVER | _decision("a: {then: 1}", inputs="{d: {value: «p.doctor}}", more="on: visit\n")),
    ("TABLE-016", _score("a: {if: n > 1, points: 1}", more="missing: {at_least: «2}\n")),
    ("TABLE-016", _score("«a: {points: 1}")),
    ("TABLE-017", _called("t(«a, \"low\")")),
    ("TABLE-018", _called("«t(n, \"low\")")
     | _decision("a: {then: {o: 1, p: 2}}", out="{o: {type: integer}, p: {type: integer}}")),
    ("TABLE-018", _decision("a: {then: «1}", out="{o: {type: integer}, p: {type: integer}}")),
    ("TABLE-019", _OVER | _decision("a: {when: {n: 1}, then: 1}", inputs="{}", more="on: visit\ndefault: 0\n")
     | {"objects/other.yaml": "name: other\nfields: {f: {type: integer, formula: 1 + «t()}}\n"}),
    ("TABLE-020", _called(f"«t({_TWICE}, \"low\")", more="", inputs="{n: {type: integer}, r: {type: choice, of: risk}}")
     | {"decisions/t.yaml": _decision(", ".join(f"a{n}: {{when: {{n: {n}}}, then: 1}}" for n in range(200)))["decisions/t.yaml"]}),
    ("TABLE-021", {"decisions/t.yaml": "name: «t\noutputs: {o: {type: integer}}\nrules: {}\n"}),
    ("TABLE-021", {"scores/t.yaml": "name: «t\nitems: {}\n"}),
    # What cells and calls share with every expression
    ("EXPR-008", _decision("a: {when: {r: «mid}, then: 1}")),
    ("EXPR-009", _decision("a: {when: {r: '!= «top'}, then: 1}")),
    ("EXPR-003", _decision("a: {when: {n: 'in «[1, \"x\"]'}, then: 1}")),
    ("EXPR-002", _decision("a: {when: {n: '> «m'}, then: 1}")),
    ("EXPR-004", _called("«t(n)")),
    ("EXPR-001", _decision("a: {when: {n: '> 5 «6'}, then: 1}")),
    ("NAME-008", _called("«old(n, \"low\")", more="") | {"decisions/t.yaml": "name: t\nwas: [old]\n" + _ONE +
                                                     "rules: {a: {then: 1}}\n"}),
    ("NAME-011", _called("«t(n, \"low\")", more="") | {"decisions/t.yaml": "name: t\nretired: true\n" + _ONE +
                                                   "rules: {a: {then: 1}}\n"}),
    ("FIELD-004", _decision("a: {then: 1}", inputs="{r: {type: choice, of: «rsik}}")),
]
