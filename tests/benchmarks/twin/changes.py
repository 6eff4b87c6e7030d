"""Changes of tasks: validation by hand, right per row by the same condition as the list, compare-and-set, history and audit."""

import datetime
import unicodedata
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from tests.benchmarks.twin import statements
from tests.benchmarks.twin.journal import note_change
from tests.benchmarks.twin.people import Person
from tests.benchmarks.twin.store import Store

__all__ = ["Refused", "move", "update"]

MOVES = {"pick_up": ("due", "in_progress"), "put_back": ("in_progress", "due")}


class Refused(Exception):
    """A status and what is wrong."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.field = status, message, field


def _priority(value: object) -> str | None:
    if value is not None and value not in ("low", "normal", "high"):
        raise Refused(400, "没有这个选项", "priority")
    return value  # type: ignore[return-value]


def _pain(value: object) -> int | None:
    if value is not None and (type(value) is not int or not 0 <= value <= 10):
        raise Refused(400, "请填写 0 到 10 的整数", "pain")
    return value  # type: ignore[return-value]


def _outcome(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 100_000:
        raise Refused(400, "请填写文本", "outcome")
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in value):
        raise Refused(400, "含有不允许的字符", "outcome")
    return unicodedata.normalize("NFC", value).strip() or None


FIELDS: dict[str, Callable[[object], object]] = {"priority": _priority, "pain": _pain, "outcome": _outcome}


def update(store: Store, key: bytes, person: Person, id: str, given: Any, version: int, now: datetime.datetime, request_id: str) -> int:
    """Change three fields; returns the new version."""
    if not isinstance(given, dict) or not given.keys() <= FIELDS.keys():
        raise Refused(400, "未知字段")
    values = {name: FIELDS[name](value) for name, value in given.items()}
    with store.write() as connection:
        task = _task(connection, person, id)
        if task.version != version:
            raise Refused(412, "已被他人修改")
        old = {name: getattr(task, name) for name in FIELDS}
        new = {**old, **values}
        if new == old:
            return version
        binds = {f"new_{name}": value for name, value in new.items()}
        _write(connection, statements.UPDATE, task, person, now, binds)
        changes = {f"core:followup_task.{name}": [old[name], value] for name, value in new.items() if value != old[name]}
        note_change(connection, key, actor=person.id, now=now, action="update", task=task, version=version + 1, changes=changes,
                    request_id=request_id)
    return version + 1


def move(store: Store, key: bytes, person: Person, id: str, name: str, now: datetime.datetime, request_id: str) -> tuple[int, str]:
    """Fire a transition; returns the new version."""
    if name not in MOVES:
        raise Refused(404, "没有这个操作")
    source, target = MOVES[name]
    with store.write() as connection:
        task = _task(connection, person, id)
        if task.status != source:
            raise Refused(409, "状态已改变")
        if not task.step or task.due is None or task.due > person.today:
            raise Refused(400, "条件不满足")
        _write(connection, statements.MOVE, task, person, now, {"source": source, "target": target})
        note_change(connection, key, actor=person.id, now=now, action=name, task=task, version=task.version + 1,
                    changes={"core:followup_task.status": [source, target]}, request_id=request_id)
    return task.version + 1, target


def _task(connection: sa.Connection, person: Person, id: str) -> Any:
    task = connection.execute(statements.one_task(person.teams), {**person.binds, "record": id}).one_or_none()
    if task is None:
        raise Refused(404, "没有这条记录")
    return task


def _write(connection: sa.Connection, statement: sa.Update, task: Any, person: Person, now: datetime.datetime, values: dict[str, Any]) -> None:
    binds = {**values, "record": task.id, "was": task.version, "at": now, "by": person.id}
    if connection.execute(statement, binds).rowcount != 1:
        raise Refused(409, "已被他人修改")
