"""Edits of whole files: made, replaced as text and deleted."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, ClassVar

from designer.edits import writing
from designer.edits.characters import honest
from designer.edits.edit import Edit, reads
from designer.edits.patch import Files, Patch, Splice, between
from designer.edits.refused import EditRefused
from designer.edits.text import read
from engine.names import NAME, is_name
from engine.problems import Problems
from engine.text.kinds import KINDS
from engine.text.limits import MAX_BYTES
from engine.text.nodes import plain
from engine.text.parse import decode
from engine.text.source import ORGANISATION_FILES, PACK_FILES

__all__ = ["CreateFile", "DeleteFile", "ReplaceText", "comparable", "is_place", "within"]

_NAME = NAME.strip("^$")
_PLACE = re.compile(rf"{_NAME}/(?:{'|'.join(KINDS)})/[A-Za-z0-9][A-Za-z0-9_.-]{{0,80}}\.(?:yaml|yml|json)\Z")


def is_place(path: str) -> bool:
    """Whether a release can have a file there."""
    pack, _, rest = path.partition("/")
    return path in ORGANISATION_FILES or bool(_PLACE.match(path)) or (is_name(pack) and rest in PACK_FILES)


def within(text: str) -> None:
    """Raises EditRefused for more than a file may hold."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise EditRefused("too_large", limit=MAX_BYTES)


def comparable(value: object) -> str:
    """Values are the same when kind, order and content are."""
    return json.dumps(value, default=lambda number: f"decimal {number}", ensure_ascii=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CreateFile(Edit):
    """A new file that holds `value`."""

    kind: ClassVar[str] = "create_file"
    words: ClassVar[tuple[str, str]] = ("Made the file {path}", "新建文件 {path}")

    path: str
    value: dict[str, Any] = reads("map")

    def patch(self, files: Files) -> Patch:
        if not is_place(self.path):
            raise EditRefused("bad_path", path=self.path[:120])
        if self.path in files:
            raise EditRefused("file_there", path=self.path)
        text = writing.document(self.value, is_json=self.path.endswith(".json"))
        within(text)
        if comparable(plain(read(self.path, text).root)) != comparable(self.value):
            raise EditRefused("no_value")
        return Patch((Splice(self.path, 0, None, text),))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DeleteFile(Edit):
    """Without a file."""

    kind: ClassVar[str] = "delete_file"
    words: ClassVar[tuple[str, str]] = ("Deleted the file {path}", "删除文件 {path}")

    path: str

    def patch(self, files: Files) -> Patch:
        if self.path not in files:
            raise EditRefused("no_file", path=self.path[:120])
        return Patch((Splice(self.path, 0, files[self.path], None),))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceText(Edit):
    """A file as somebody typed it. It may be broken; the draft then says where. What it shares with the old text stays."""

    kind: ClassVar[str] = "text"
    words: ClassVar[tuple[str, str]] = ("Edited {path} as text", "以文本方式编辑 {path}")

    path: str
    text: str = reads("long")

    def said(self, language: str) -> dict[str, object]:
        return {"path": self.path}

    def patch(self, files: Files) -> Patch:
        if self.path not in files and not is_place(self.path):
            raise EditRefused("bad_path", path=self.path[:120])
        within(self.text)
        problems = Problems()
        try:
            content = self.text.encode("utf-8")
        except UnicodeEncodeError:
            raise EditRefused("hidden_characters") from None
        if decode(self.path, self.path, content, problems) is None and any(p.code.code != "TEXT-006" for p in problems):
            raise EditRefused("hidden_characters")
        honest(self.text, files.get(self.path, ""))
        return between(self.path, files.get(self.path), self.text)
