"""Eight writers at once: afterwards every row must hold what was sent for it, with as many versions, history and audit rows."""

import threading
from collections.abc import Sequence

import orjson
import sqlalchemy as sa

from tests.benchmarks.load import Connection, Request
from tests.benchmarks.operations import Chosen
from tests.benchmarks.server import PRODUCT, Server

__all__ = ["WRITERS", "verify"]

WRITERS = 8
ROWS = 3


def verify(server: Server, url: str, chosen: Chosen, rounds: int = 10) -> list[str]:
    """What is wrong; nothing when all is right. Moves the versions of `chosen` on."""
    mine = chosen.written[server.application.name][:WRITERS * ROWS]
    sent: dict[str, tuple[str, int, str]] = {}
    wrong: list[str] = []
    before = {id: chosen.versions[id] for id in mine}
    threads = [
        threading.Thread(target=_write, args=(server, chosen, mine[writer * ROWS:(writer + 1) * ROWS], writer, rounds, sent, wrong))
        for writer in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong + _compare(url, sent, before, rounds)


def _write(
    server: Server, chosen: Chosen, ids: Sequence[str], writer: int, rounds: int, sent: dict[str, tuple[str, int, str]], wrong: list[str],
) -> None:
    folder = "/api/v1/followup_task" if server.application is PRODUCT else "/tasks"
    try:
        with Connection(server.port) as connection:
            for number in range(rounds):
                for id in ids:
                    values = (f"写者{writer} 第{number}次 {id[-6:]}", (writer + number) % 11, ("low", "normal", "high")[(writer + number) % 3])
                    body = orjson.dumps(dict(zip(("outcome", "pain", "priority"), values, strict=True)))
                    headers = {"Authorization": f"Bearer {chosen.entry.token}", "If-Match": f'"{chosen.versions[id]}"'}
                    answer = connection.ask(Request("PATCH", f"{folder}/{id}", headers, body))
                    if answer.status != 200:
                        wrong.append(f"writer {writer}: {answer.status} {answer.body[:200].decode(errors='replace')}")
                        return
                    chosen.versions[id] = orjson.loads(answer.body)["version"]
                    sent[id] = values
    except OSError as error:
        wrong.append(f"writer {writer}: {error!r}")


def _compare(url: str, sent: dict[str, tuple[str, int, str]], before: dict[str, int], rounds: int) -> list[str]:
    engine = sa.create_engine(url)
    wrong = []
    counts = "(SELECT count(*) FROM {0} x WHERE x.record_id = t.id{1})"
    changes = counts.format("cw_history", " AND x.version > :before"), counts.format("cw_audit", "")
    statement = sa.text(f"SELECT outcome, pain, priority, version, {changes[0]}, {changes[1]} FROM o_followup_task t WHERE id = :id")
    with engine.connect() as connection:
        for id, values in sent.items():
            found = tuple(connection.execute(statement, {"id": id, "before": before[id]}).one())
            expected = (*values, before[id] + rounds, rounds, before[id] - 1 + rounds)
            if found != expected:
                wrong.append(f"{id}: holds {found}, was sent {expected}")
    engine.dispose()
    return wrong
