"""The small parts by themselves: ids, cursors, prepared statements, the bounded cache."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
import sqlalchemy as sa

from runtime.records.cursor import BadCursor, Cursor, open_cursor, seal_cursor
from runtime.records.ids import Ids, is_id
from runtime.records.prepared import LruCache, Prepared


def test_ids_are_version_7_and_grow():
    """RFC 9562, 5.7: time first, version and variant in place; growing while the clock stands, steps back or overflows."""
    times = iter([1_000, 1_000, 999, *[1_000] * 5_000, 2_000])
    ids = Ids(lambda: next(times), lambda bits: (1 << bits) - 1)
    found = [ids() for _ in range(5_004)]
    assert found == sorted(set(found)) and all(map(is_id, found))
    assert all(id[12] == "7" and id[16] in "89ab" for id in found)
    assert int(found[0][:12], 16) == 1_000 and int(found[-1][:12], 16) >= 1_001


def test_ids_of_threads_differ():
    """Threads share one source without repeating an id."""
    ids, found = Ids(lambda: 5, lambda bits: 0), []
    threads = [threading.Thread(target=lambda: found.extend(ids.take(500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 4_000


def test_cursors_keep_values_exactly():
    """Every type of a sort value comes back as it was; a wrong key or binding opens nothing."""
    values = (
        None, 1, "ü'\"", Decimal("1.50"), dt.date(2026, 3, 2), dt.datetime(2026, 3, 2, 1, 2, 3, 456789, tzinfo=dt.UTC), dt.time(12), True,
    )
    text = seal_cursor(Cursor(values, True), ("a", "b"), b"k")
    assert open_cursor(text, ("a", "b"), b"k") == Cursor(values, True)
    for binding, key in ((("a", "c"), b"k"), (("ab", ""), b"k"), (("a", "b"), b"l")):
        with pytest.raises(BadCursor):
            open_cursor(text, binding, key)
    for broken in (text[:-1], text + "A", "", "=", "é", text.swapcase()):
        with pytest.raises(BadCursor):
            open_cursor(broken, ("a", "b"), b"k")


def test_prepared_statements_take_constants_scalars_and_lists():
    """Constants are kept, scalars converted, lists of any length expanded; an empty list finds nothing."""
    engine = sa.create_engine("sqlite://")
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Text), sa.Column("data", sa.JSON), sa.Column("n", sa.Integer))
    statement = sa.select(table.c.id).where(
        table.c.n.in_([1, 2]), table.c.id.in_(sa.bindparam("ids", expanding=True)), table.c.n <= sa.bindparam("most"))
    with engine.begin() as connection:
        table.create(connection)
        insert = Prepared(sa.insert(table).values(id=sa.bindparam("id"), data=sa.bindparam("data"), n=sa.bindparam("n")), engine.dialect)
        insert.run_many(connection, [{"id": id, "data": {"a": n}, "n": n} for n, id in enumerate("abcd")])
        prepared = Prepared(statement, engine.dialect)
        assert set(prepared.names) == {"ids", "most"}
        assert prepared.run(connection, {"ids": ["a", "b", "c"], "most": 9}).scalars().all() == ["b", "c"]
        assert prepared.run(connection, {"ids": ["c"], "most": 1, "other": 1}).all() == []
        assert prepared.run(connection, {"ids": [], "most": 1}).all() == []
        with pytest.raises(KeyError):
            prepared.run(connection, {"ids": []})


def test_the_cache_is_bounded():
    """The least recently used goes first."""
    cache: LruCache[int] = LruCache(2)
    for key in ("a", "b", "a", "c", "b"):
        cache.get(key, lambda: 1)
    assert len(cache) == 2
    assert cache.get("c", lambda: 2) == 1 and cache.get("a", lambda: 2) == 2
