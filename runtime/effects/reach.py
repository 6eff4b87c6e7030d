"""How far effects reach: what runs by itself writes nothing of another clinic, whatever links lead there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.model import CreateRecord, Effect, Object, SetFields
from engine.targets.effects import Intent
from runtime.records.writing.clinics_of import clinics_of

if TYPE_CHECKING:
    from runtime.effects.running import Around

__all__ = ["foreign"]

_PROBLEM = "another_clinic"


def foreign(around: Around, object: Object, effect: Effect, intents: Mapping[str, Intent]) -> dict[str, str]:
    """Of the records of `object`, those for which the effect would write what belongs to other clinics alone, with the problem.

    Records of the organisation are everybody's to write; records of the organisation themselves write nothing of a clinic.
    """
    if not intents:
        return {}
    own = _clinics(around, object.name, {id: id for id in intents})
    found: dict[str, str] = {}
    for target, ends in _ends(around, effect, intents):
        theirs = _clinics(around, target, ends)
        found |= {id: _PROBLEM for id in ends if theirs.get(id) and not own.get(id, frozenset()) & theirs[id]}
    return found


def _ends(around: Around, effect: Effect, intents: Mapping[str, Intent]) -> list[tuple[str, dict[str, str]]]:
    """Objects, with the id of the record behind each record of the transition: what is written, and what decides whose it becomes."""
    objects = around.release.model.objects
    found: list[tuple[str, dict[str, str]]] = []
    if not isinstance(effect, CreateRecord):
        found.append((effect.target, {id: intent.record for id, intent in intents.items() if intent.record}))
    written = objects[effect.object] if isinstance(effect, CreateRecord) else objects[effect.target]
    via = written.belongs_to.via
    if via and isinstance(effect, CreateRecord | SetFields) and via in effect.values:
        owners = {id: str(intent.values[via]) for id, intent in intents.items() if intent.values.get(via)}
        found.append((written.fields[via].type.link_to, owners))
    return found


def _clinics(around: Around, object_name: str, ends: Mapping[str, str]) -> dict[str, frozenset[str]]:
    there = clinics_of(around.connection, around.release, object_name, ends.values(), around.actor, around.now)
    return {id: there.get(end, frozenset()) for id, end in ends.items()}
