"""Writes `definitions/schemas/*.schema.json` from the field types and kinds; `tests/engine/text/test_schemas.py` says when to."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def main() -> None:
    (ROOT / "definitions" / "schemas").mkdir(exist_ok=True)
    from engine.registry import builtin
    from engine.text.schemas import as_text, schemas

    for kind, schema in schemas(builtin()).items():
        (ROOT / "definitions" / "schemas" / f"{kind}.schema.json").write_text(as_text(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
