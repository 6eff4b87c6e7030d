"""Every text of the screens is there in Chinese.

1. The catalogue has a translation for each text that templates and modules of `runtime/screens` ask for, and no other.
2. Placeholders are the same in both languages.
3. The compiled catalogue is made of the one in text.
"""

import io
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import runtime.screens

SCREENS = Path(runtime.screens.__file__).parent
CHINESE = SCREENS / "translations" / "zh_Hans" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%+\(\w+\)\w")


def catalogue() -> Catalog:
    """The catalogue in text."""
    with (CHINESE / "messages.po").open("rb") as file:
        return read_po(file, locale="zh_Hans")


def wanted() -> set[str]:
    """All texts asked for, plural forms by their singular."""
    with (SCREENS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(SCREENS, methods, options)
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


def test_every_text_is_translated_and_nothing_else() -> None:
    """Requirement 1."""
    asked = wanted()
    assert len(asked) > 100
    known = {message.id if isinstance(message.id, str) else message.id[0]: message for message in catalogue() if message.id}
    assert asked - set(known) == set(), "add them to messages.po (see runtime/screens/README.md)"
    assert set(known) - asked == set(), "no longer asked for"
    assert [text for text, message in known.items() if not message.string or message.fuzzy] == []


def test_placeholders_are_kept() -> None:
    """Requirement 2."""
    texts = [(message.id, message.string) for message in catalogue() if isinstance(message.id, str) and message.id]
    different = [text for text, chinese in texts if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(str(chinese)))]
    assert different == []


def test_compiled_catalogue_is_fresh() -> None:
    """Requirement 3."""
    made = io.BytesIO()
    write_mo(made, catalogue())
    assert made.getvalue() == (CHINESE / "messages.mo").read_bytes(), "pybabel compile -d runtime/screens/translations"
