"""Plan and publish: expand the tables, validate them, seed, and flip the live release, all in one transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.model import DataSet, Model
from engine.problems import Problem
from engine.targets.diff import diff
from engine.targets.layout import Layout
from engine.targets.operations import ComputeField, Operation, RemovePack, SeedRecords, SetTimers
from engine.targets.plan import ReleasePlan
from engine.text import Source, check
from runtime.identity.actor import Actor
from runtime.records.upkeep.filling import fill
from runtime.store import ddl, schema, stored, system
from runtime.store.candidate import Incoming, candidate
from runtime.store.compiled import Release, compile_release
from runtime.store.errors import Forbidden, NothingToPublish, Overtaken, Refused, StoreError
from runtime.store.processes import wait_until_prepared
from runtime.store.released import count_people, look_ahead, tell
from runtime.store.seeding import Seed
from runtime.store.stored import Live

if TYPE_CHECKING:
    from runtime.store.database import Store

__all__ = ["Incoming", "Prepared", "Published", "plan", "prepare", "publish"]

WAIT_SECONDS = 10.0
Reached = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """A plan together with what carrying it out takes."""

    plan: ReleasePlan
    live: Live
    source: Source
    model: Model | None
    old: Model | None


@dataclasses.dataclass(frozen=True, slots=True)
class Published:
    """What a publish did. `late` are the processes that had not prepared the release in time; they load it after the flip."""

    hash: str
    base: str
    plan: ReleasePlan
    late: tuple[str, ...] = ()


def plan(store: Store, incoming: Incoming) -> ReleasePlan:
    """What publishing would do now. Its problems include those of the text and those that only the rows can tell."""
    return prepare(store, incoming).plan


def prepare(store: Store, incoming: Incoming) -> Prepared:
    """Merge, compile and compare with the live release; reads the database, writes nothing."""
    with store.read() as connection:
        live = stored.live(connection)
    files, layout, old = _live_release(store, live)
    bases = {incoming.base: _known_files(store, incoming.base)} if incoming.base else {}
    made = candidate(incoming, files, live.hash, {base: found for base, found in bases.items() if found is not None})
    checked = check(made.source)
    problems = tuple(checked.problems)
    if made.problems or checked.model is None:
        empty = ReleasePlan(
            hash=made.source.hash, base=live.hash, operations=(), layout=layout, problems=(*made.problems, *problems))
        return Prepared(empty, live, made.source, None, old)
    found = diff(old, layout, checked.model, removed_packs=incoming.remove)
    answers = _answers(store, found)
    with store.read() as connection:
        operations = count_people(connection, _counted(store, found), checked.model, found.layout, store.clock())
    found = dataclasses.replace(found, problems=(*problems, *found.problems, *answers), operations=operations)
    return Prepared(found, live, checked.source, checked.model, old)


def publish(
    store: Store, incoming: Incoming, actor: Actor, *, new_id: Callable[[], str], seed: Seed | None = None,
    request_id: str = "", wait: float = WAIT_SECONDS, reached: Reached = lambda point: None,
) -> Published:
    """Publish, or raise and leave everything as it was. `seed` writes the records that packs ship.

    `reached` is told each point of no return, for tests that kill the process there. Raises Refused with all problems,
    Forbidden for a missing right, NothingToPublish when that release is live, Overtaken when another publish came first.
    """
    made = prepare(store, incoming)
    _may(made, actor)
    errors = [problem for problem in made.plan.problems if not problem.warning]
    if errors or made.model is None:
        raise Refused(tuple(made.plan.problems))
    if made.plan.nothing_to_do:
        raise NothingToPublish(made.plan.hash)
    hash_, layout = made.plan.hash, made.plan.layout
    release = compile_release(hash_, made.source.files, layout, made.model)
    with store.write() as connection:
        stored.put_candidate(connection, hash_, made.source.files, layout, made.live.hash, actor.id, store.clock())
    reached("announced")
    try:
        late = wait_until_prepared(store, hash_, wait)
        reached("prepared")
        if store.dialect == "postgresql":
            ddl.index_beside_writers(store.main.writes, made.plan.operations, release.tables)
        reached("indexed")
        if made.live.hash:
            look_ahead(store, made.plan.operations, release, now=store.clock(), new_id=new_id)
        _expand_and_flip(store, made, release, actor, new_id, request_id, seed, reached)
    except BaseException:
        with store.write() as connection:
            stored.withdraw(connection, hash_)
        raise
    store.releases.adopt(release)
    return Published(hash_, made.live.hash, made.plan, late)


def _expand_and_flip(
    store: Store, made: Prepared, release: Release, actor: Actor, new_id: Callable[[], str], request_id: str,
    seed: Seed | None, reached: Reached,
) -> None:
    """Expand → validate → compute stored formulas → seed → flip; one transaction on both databases."""
    with store.write() as connection:
        if store.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        live = stored.live_for_flip(connection)
        if live != made.live:
            raise Overtaken(live.hash)
        _ask_again(connection, made.plan)
        ddl.expand(connection, made.plan.operations, release.tables)
        reached("expanded")
        wrong = schema.differences(connection, release.tables, release.layout)
        if wrong:
            raise StoreError("the tables would not be those of the release: " + "; ".join(wrong[:5]))
        fill(connection, release, [operation.id for operation in made.plan.operations if isinstance(operation, ComputeField)])
        reached("computed")
        datasets = _datasets(made)
        if datasets:
            _sow(seed)(connection, release, datasets, actor)
        reached("seeded")
        if not stored.flip(connection, release.hash, release.layout, live, store.clock()):
            raise Overtaken(stored.live(connection).hash)
        tell(connection, made.plan.operations, release, now=store.clock(), new_id=new_id)
        connection.execute(system.audit.insert(), _audit_entry(store, made, actor, new_id(), request_id))
        reached("flipped")
    reached("committed")


def _live_release(store: Store, live: Live) -> tuple[Mapping[str, bytes] | None, Layout, Model | None]:
    if not live.hash:
        return None, Layout(), None
    release = store.releases.load(live.hash)
    return release.files, release.layout, release.model


def _known_files(store: Store, hash_: str) -> Mapping[str, bytes] | None:
    try:
        return store.releases.stored(hash_)[0]
    except StoreError:
        return None


def _answers(store: Store, found: ReleasePlan) -> tuple[Problem, ...]:
    if not found.doubts:
        return ()
    with store.read() as connection:
        return _problems(connection, found)


def _counted(store: Store, found: ReleasePlan) -> tuple[Operation, ...]:
    """The operations, those that work through all rows with how many there are."""
    if not any(isinstance(operation, ComputeField | SetTimers) for operation in found.operations):
        return found.operations

    def count(connection: sa.Connection, operation: Operation) -> Operation:
        if not isinstance(operation, ComputeField | SetTimers):
            return operation
        table = sa.table(sa.sql.quoted_name(operation.table, quote=True))
        statement = sa.select(sa.func.count()).select_from(table)
        if isinstance(operation, SetTimers):
            state: sa.ColumnClause[str] = sa.column(sa.sql.quoted_name(operation.column, quote=True))
            statement = statement.where(state.in_(operation.states))
        return dataclasses.replace(operation, count=connection.scalar(statement))

    with store.read() as connection:
        return tuple(count(connection, operation) for operation in found.operations)


def _problems(connection: sa.Connection, found: ReleasePlan) -> tuple[Problem, ...]:
    dialect = connection.dialect.name
    counts = ((doubt, connection.execute(doubt.statement(dialect)).scalar_one()) for doubt in found.doubts)
    return tuple(problem for doubt, count in counts if (problem := doubt.problem(int(count))) is not None)


def _ask_again(connection: sa.Connection, found: ReleasePlan) -> None:
    """Rows may have come since the plan; now nobody can add any."""
    problems = _problems(connection, found)
    if problems:
        raise Refused(problems)


def _may(made: Prepared, actor: Actor) -> None:
    """Publishing takes `design`, and `grant` where effective rights differ. The first publish is for the built-in account."""
    if actor.system:
        return
    held: set[str] = set()
    for role in made.old.roles.values() if made.old else ():
        if any(membership.role == role.id for membership in actor.memberships):
            held |= role.system
    for right in ("design", "grant") if made.plan.needs_grant else ("design",):
        allowed = actor.scope is None or actor.scope.actions is None or right in actor.scope.actions
        if right not in held or not allowed:
            raise Forbidden(right)


def _datasets(made: Prepared) -> Sequence[DataSet]:
    """The data sets that are new or changed, in the order of their packs."""
    assert made.model is not None
    wanted = {operation.id for operation in made.plan.operations if isinstance(operation, SeedRecords)}
    return tuple(dataset for dataset in made.model.datasets.values() if dataset.id in wanted)


def _sow(seed: Seed | None) -> Seed:
    if seed is None:
        raise StoreError("this release ships records; publish it with seed=runtime.records.seeding.Seeding(clock, new_id, keys)")
    return seed


def _audit_entry(store: Store, made: Prepared, actor: Actor, audit_id: str, request_id: str) -> dict[str, Any]:
    kinds = [type(operation).__name__ for operation in made.plan.operations]
    detail = {
        "base": made.live.hash, "operations": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        "removed": [o.id for o in made.plan.operations if isinstance(o, RemovePack)], "grant": made.plan.needs_grant,
    }
    return {
        "id": audit_id, "at": store.clock(), "actor": actor.id, "action": "publish", "release": made.plan.hash,
        "request_id": request_id or None, "outcome": "done", "detail": detail,
    }
