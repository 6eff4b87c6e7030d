"""What the pages show: rows as tuples of texts for the templates."""

import re
from typing import Any

import orjson
from markupsafe import Markup

from tests.benchmarks.twin.people import ZONE, Person

__all__ = [
    "CHANNELS", "PRIORITIES", "STATES", "changed", "contact_rows", "facts", "history_lines", "mask_email", "mask_phone", "task_json", "task_rows",
]

CHANNELS = {"phone": "电话", "wechat": "微信", "sms": "短信", "email": "邮件", "visit": "面访"}
PRIORITIES = {"low": "低", "normal": "普通", "high": "高"}
DIRECTIONS = {"outgoing": "呼出", "incoming": "呼入"}
STATES = {"planned": "计划中", "due": "待随访", "in_progress": "随访中", "unreachable": "未联系上", "done": "已完成", "cancelled": "已取消"}
CATEGORIES = {"planned": "open", "due": "open", "in_progress": "open", "unreachable": "waiting", "done": "done", "cancelled": "cancelled"}
BADGES = {name: Markup(f'<span class="state state-{CATEGORIES[name]}">{label}</span>') for name, label in STATES.items()}
OPEN = frozenset(name for name, category in CATEGORIES.items() if category in ("open", "waiting"))
YES_NO = {True: "是", False: "否", None: ""}
ACTIONS = {"pick_up": "接手", "put_back": "放回"}
FIELDS = {"priority": "优先级", "pain": "疼痛评分 0-10", "outcome": "随访结果", "status": "状态"}
MOVES = {"due": ("pick_up", "接手"), "in_progress": ("put_back", "放回")}
_NO_DIGIT = re.compile(r"\D", re.ASCII)


def mask_phone(value: str | None) -> str | None:
    """The first three and last four digits."""
    if value is None:
        return None
    digits = _NO_DIGIT.sub("", value)
    if len(digits) < 11:
        return "****" + (digits[-2:] if len(digits) > 5 else "")
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return f"{digits[:3]}****{digits[-4:]}"


def mask_email(value: str | None) -> str | None:
    """The first letter and the domain."""
    if value is None:
        return None
    local, _, domain = value.partition("@")
    return f"{local[:1]}***@{domain}"


def task_rows(rows: Any, person: Person) -> list[tuple[object, ...]]:
    """Rows of the list as the template takes them."""
    today = person.today
    return [
        (
            id, patient, name, step, due.isoformat() if due else "", BADGES[status], YES_NO[overdue if overdue is None else bool(overdue)],
            PRIORITIES.get(priority, ""), CHANNELS.get(channel, ""), "" if pain is None else pain, mask_phone(phone), mask_email(email),
            due is not None and due < today and status in OPEN,
        )
        for id, _, patient, name, step, due, status, overdue, priority, channel, pain, phone, email in rows
    ]


def task_json(rows: Any) -> list[dict[str, object]]:
    """The list as JSON."""
    masked = ["contact_phone", "contact_email"]
    return [
        {
            "id": id, "version": version, "patient": {"id": patient, "title": name}, "step": step, "due": due, "status": status,
            "overdue": None if overdue is None else bool(overdue), "priority": priority, "channel": channel, "pain": pain,
            "contact_phone": mask_phone(phone), "contact_email": mask_email(email), "_masked": masked,
        }
        for id, version, patient, name, step, due, status, overdue, priority, channel, pain, phone, email in rows
    ]


def facts(task: Any) -> dict[str, object]:
    """The texts of one task."""
    return {
        "due": task.due.isoformat(), "channel": CHANNELS.get(task.channel, "–"), "priority": PRIORITIES.get(task.priority, "–"),
        "pain": "–" if task.pain is None else task.pain, "outcome": task.outcome or "–",
        "overdue": YES_NO[bool(task.overdue)], "phone": mask_phone(task.contact_phone), "email": mask_email(task.contact_email),
        "state": BADGES[task.status], "move": MOVES.get(task.status),
    }


def contact_rows(rows: Any) -> list[tuple[object, ...]]:
    """Rows of the related list."""
    return [
        (id, name, _moment(at), CHANNELS.get(channel, ""), DIRECTIONS.get(direction, ""), by, by_name)
        for id, name, at, channel, direction, by, by_name in rows
    ]


def history_lines(rows: Any, names: dict[str, str]) -> list[dict[str, object]]:
    """What happened, newest first; a creation shows no values."""
    said = {"create": "created", "update": "changed", **ACTIONS}
    return [
        {
            "who": names.get(row.by, "System"), "at": row.at.isoformat(), "at_text": _moment(row.at), "what": said.get(row.action, row.action),
            "note": row.reason, "changes": [] if row.action == "create" else changed(orjson.loads(row.changes)),
        }
        for row in rows
    ]


def changed(changes: dict[str, list[Any]]) -> list[tuple[str, object, object]]:
    """Label, old and new text of each field."""
    found = []
    for key, (old, new) in changes.items():
        name = key.partition(".")[2]
        found.append((FIELDS.get(name, name), _said(name, old), _said(name, new)))
    return found


def _said(name: str, value: Any) -> object:
    return {"priority": PRIORITIES, "status": STATES}.get(name, {}).get(value, value)


def _moment(at: Any) -> str:
    return str(at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M"))
