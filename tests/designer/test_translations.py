"""Every text of the designer is there in Chinese, with its placeholders, and the compiled catalogue is fresh."""

import io
import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import designer

FOLDER = Path(designer.__file__).parent
CHINESE = FOLDER / "translations" / "zh_Hans" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)\w")


def test_every_text_is_translated_and_nothing_else() -> None:
    """Texts asked for, texts known, placeholders and the compiled file agree."""
    with (FOLDER / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    asked = {str(text) for _, _, text, _, _ in extract_from_dir(FOLDER, methods, options)}
    with (CHINESE / "messages.po").open("rb") as po:
        catalogue = read_po(po, locale="zh_Hans")
    known = {str(message.id): str(message.string) for message in catalogue if message.id}
    assert len(asked) > 100 and asked == set(known)
    assert [text for text, chinese in known.items() if not chinese or sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(chinese))] == []
    made = io.BytesIO()
    write_mo(made, catalogue)
    assert made.getvalue() == (CHINESE / "messages.mo").read_bytes()
