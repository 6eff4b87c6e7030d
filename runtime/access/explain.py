"""Why an actor may or may not do something with a record, or sees a field as it does: the line of YAML that decided."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Iterator

from sqlalchemy import Connection

from engine.problems import Place
from engine.targets.policy import ROW, Clause, Line, formula_inputs, reach
from runtime.access.access import actions_of
from runtime.access.fields import Sight
from runtime.access.oracle import Oracle, domains_of
from runtime.access.oracle_rules import held_roles
from runtime.access.stored_row import RowReader, StoredRow
from runtime.identity.actor import Actor
from runtime.store.compiled import Release

__all__ = ["Considered", "Explanation", "Reason", "explain"]


class Reason(enum.Enum):
    """What decided; the value is the stable word for scripts."""

    GRANT = "grant"
    DENIAL = "denial"
    NO_GRANT = "no_grant"
    FORMULA = "formula"
    TOKEN = "token"
    SYSTEM = "system"
    NO_RECORD = "no_record"
    NO_OBJECT = "no_object"
    NO_ACTION = "no_action"
    NO_FIELD = "no_field"


_TEXTS = {
    Reason.GRANT: ("{answer}: granted by {id} at {place}", "{answer}：由 {place} 的 {id} 授权"),
    Reason.DENIAL: ("{answer}: denied by {id} at {place}", "{answer}：被 {place} 的 {id} 拒绝"),
    Reason.NO_GRANT: ("{answer}: no grant", "{answer}：没有授权"),
    Reason.FORMULA: ("{answer}: the formula reads {id}, which is not seen whole", "{answer}：公式读取的 {id} 不能完整显示"),
    Reason.TOKEN: ("{answer}: outside the scope of the token", "{answer}：超出令牌的范围"),
    Reason.SYSTEM: ("{answer}: the built-in account may do everything", "{answer}：内置账号不受限制"),
    Reason.NO_RECORD: ("{answer}: there is no such record", "{answer}：没有这条记录"),
    Reason.NO_OBJECT: ("{answer}: there is no such object", "{answer}：没有这个对象"),
    Reason.NO_ACTION: ("{answer}: the object has no such action", "{answer}：对象没有这个操作"),
    Reason.NO_FIELD: ("{answer}: the object has no such field", "{answer}：对象没有这个字段"),
}
_ANSWERS = {True: ("allowed", "允许"), False: ("refused", "拒绝")}
_SIGHTS = {Sight.VALUE: ("shown", "显示"), Sight.MASK: ("masked", "遮盖"), Sight.ABSENT: ("not shown", "不显示")}
_WHYS = {
    "held": ("its role is not held where the record is", "在该记录所在的机构没有这个角色"),
    "rule": ("its rule does not hold: {rule}", "条件不成立：{rule}"),
    "field": ("it does not reach the field", "不包含该字段"),
    "applies": ("it applies", "适用"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Considered:
    """A grant or denial that speaks of the action, and why it did or did not apply: `held`, `rule`, `field` or `applies`."""

    id: str
    place: Place
    effect: str
    why: str
    rule: str = ""

    def text(self, language: str) -> str:
        return f"{self.place} {self.effect} {self.id}: " + _WHYS[self.why][language == "zh"].format(rule=self.rule)


@dataclasses.dataclass(frozen=True, slots=True)
class Explanation:
    """`sight` is None when no field was asked for; `place` and `id` name the line that decided, if one did."""

    allowed: bool
    reason: Reason
    sight: Sight | None = None
    place: Place | None = None
    id: str = ""
    considered: tuple[Considered, ...] = ()

    def text(self, language: str) -> str:
        """One line for people, then one for each grant and denial that was considered."""
        answer = _ANSWERS[self.allowed] if self.sight is None else _SIGHTS[self.sight]
        zh = language == "zh"
        first = _TEXTS[self.reason][zh].format(answer=answer[zh], id=self.id, place=self.place)
        return "\n".join([first, *(f"  {each.text(language)}" for each in self.considered)])


def explain(
    connection: Connection, release: Release, actor: Actor, action: str, object_name: str, record_id: str, *, field: str = "",
    now: datetime.datetime | None = None,
) -> Explanation:
    """The decision on one stored record, or on one field of it, by the Casbin enforcer."""
    object = release.model.objects.get(object_name)
    absent = Sight.ABSENT if field else None
    if object is None:
        return Explanation(False, Reason.NO_OBJECT, absent)
    if action not in actions_of(release.model, object):
        return Explanation(False, Reason.NO_ACTION, absent)
    if field and field not in object.fields:
        return Explanation(False, Reason.NO_FIELD, absent)
    row = RowReader(release, connection, actor.today).row(object_name, record_id)
    if row is None:
        return Explanation(False, Reason.NO_RECORD, absent)
    return _Explaining(Oracle(release, now), actor, action, row).explain(field)


class _Explaining:
    """One decision taken apart."""

    def __init__(self, oracle: Oracle, actor: Actor, action: str, row: StoredRow) -> None:
        self._oracle = oracle
        self._actor = actor
        self._action = action
        self._row = row

    def explain(self, field_name: str) -> Explanation:
        actor, object = self._actor, self._row.object
        if actor.system:
            return Explanation(True, Reason.SYSTEM, Sight.VALUE if field_name else None)
        if actor.scope is not None and not actor.scope.allows(object.id, self._action):
            return Explanation(False, Reason.TOKEN, Sight.ABSENT if field_name else None)
        allowed, line = self._oracle.ask(actor, self._action, self._row, ROW)
        if not field_name or not allowed:
            return self._by_line(allowed, line, Sight.ABSENT if field_name else None, "")
        sight = self._oracle.sight(actor, self._action, self._row, field_name)
        if sight is Sight.ABSENT and (hidden := self._hidden_input(field_name)):
            return Explanation(False, Reason.FORMULA, sight, None, hidden)
        field = object.fields[field_name]
        whole, decided = self._oracle.ask(actor, self._action, self._row, reach("value", field))
        if sight is Sight.ABSENT or (not whole and decided is None):
            decided = self._oracle.ask(actor, self._action, self._row, reach("mask", field))[1]
        return self._by_line(sight is not Sight.ABSENT, decided, sight, field_name)

    def _by_line(self, allowed: bool, line: Line | None, sight: Sight | None, field_name: str) -> Explanation:
        considered = tuple(self._considered(field_name))
        if line is None:
            return Explanation(allowed, Reason.NO_GRANT, sight, considered=considered)
        reason = Reason.DENIAL if line.effect.value == "deny" else Reason.GRANT
        return Explanation(allowed, reason, sight, line.place, line.rule, considered)

    def _hidden_input(self, field_name: str) -> str:
        """The first field of the row that a formula reads, or object of its child rows, that is not seen whole; "" for none."""
        field = self._row.object.fields[field_name]
        if rows := self._oracle.hidden_rows(self._actor, self._row, field):
            return rows
        for path in formula_inputs(field):
            own = path[0]
            if self._oracle.sight(self._actor, self._action, self._row, own, (field_name,)) is not Sight.VALUE or len(path) > 1:
                return ".".join(path)
        return ""

    def _considered(self, field_name: str) -> Iterator[Considered]:
        for clause in self._oracle.policy.of(self._row.object.name):
            speaks = self._action in clause.can or (field_name in clause.mask | clause.hide and clause.effect.value == "deny")
            if speaks:
                rule = clause.rule.text if clause.rule is not None else ""
                yield Considered(clause.id, clause.place, clause.effect.value, self._why(clause, field_name), rule)

    def _why(self, clause: Clause, field_name: str) -> str:
        domains = [d for d in domains_of(self._row.object, self._row) if clause.role in held_roles(self._actor, d)]
        if not domains:
            return "held"
        if not any(self._oracle.rules.holds(clause, self._actor, self._row, domain) for domain in domains):
            return "rule"
        return "field" if field_name and field_name not in clause.value | clause.mask | clause.hide else "applies"
