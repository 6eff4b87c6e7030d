"""From bytes to a Document: the encoding, the characters, then YAML or JSON by the file's ending."""

from __future__ import annotations

import codecs
import functools
import re

from engine.problems import Code, Place, Problem, Problems
from engine.text.json_text import parse_json
from engine.text.limits import MAX_BYTES
from engine.text.nodes import Document, SourceText
from engine.text.source import Source
from engine.text.yaml_text import parse_yaml

__all__ = ["decode", "parse"]

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"), (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"),
)
# Control characters, the separators that YAML 1.1 and some editors take for line breaks, and what is no character at all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_KEPT_BYTES = 32_768
"""Larger files are read anew each time: what is kept has a bound."""
_BREAK = re.compile(r"\r\n|\r|\n")


def decode(path: str, shown: str, content: bytes, problems: Problems) -> SourceText | None:
    """The text of one file; None with a problem when it is too large or not clean UTF-8."""
    if len(content) > MAX_BYTES:
        problems.add(Code.FILE_007.at(Place(shown), size=len(content), limit=MAX_BYTES))
        return None
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            problems.add(Code.TEXT_004.at(Place(shown), encoding=encoding))
            return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        problems.add(Code.TEXT_003.at(_place(shown, before), byte=f"{content[error.start]:02x}"))
        return None
    source = SourceText(path, shown, text)
    return source if _clean(source, problems) else None


def _clean(source: SourceText, problems: Problems) -> bool:
    bad = _FORBIDDEN.search(source.text)
    if bad:
        place = _place(source.shown, source.text[: bad.start()])
        problems.add(Code.TEXT_005.at(place, character=f"U+{ord(bad.group()):04X}"))
        return False
    tab = -1 if source.is_json else source.text.find("\t")
    if tab >= 0:
        problems.add(Code.TEXT_006.at(_place(source.shown, source.text[:tab])))
        return False
    return True


def _place(shown: str, before: str) -> Place:
    """The place behind a text."""
    breaks = list(_BREAK.finditer(before))
    return Place(shown, len(breaks) + 1, len(before) - (breaks[-1].end() if breaks else 0) + 1)


def parse(source: Source, problems: Problems) -> tuple[list[Document], list[str]]:
    """The documents that could be read, in the order of their paths, and the paths of those that could not."""
    documents, broken = [], []
    for path in sorted(source.files):
        content = source.files[path]
        read = _document if len(content) <= _KEPT_BYTES else _document.__wrapped__
        document, found = read(path, source.shown.get(path, path), content)
        problems.extend(found)
        if document is not None:
            documents.append(document)
        if found:
            broken.append(path)
    return documents, broken


@functools.lru_cache(maxsize=1024)
def _document(path: str, shown: str, content: bytes) -> tuple[Document | None, tuple[Problem, ...]]:
    """One file. Kept, because of the files of a draft or a new release nearly all are those of the one before."""
    problems = Problems()
    text = decode(path, shown, content, problems)
    root = (parse_json if text.is_json else parse_yaml)(text, problems) if text else None
    return Document(text, root) if text and root is not None else None, tuple(problems)
